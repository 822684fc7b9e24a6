import { Body, Controller, Post, Res } from '@nestjs/common';
import { CurrentKeyedCaller, type KeyedCaller } from '../../../platform/http/caller.js';
import { ApiTags } from '../../../platform/http/documented.js';
import { Returns } from '../../../platform/http/returns.decorator.js';
import {
  AcceptsIdempotencyKey,
  replyWithStoredAnswer,
  type AnswerReply,
} from '../../../platform/http/stored-answer.js';
import { AllowMessages } from './allow-messages.js';
import { allowedMessages, allowMessages, type AllowMessagesInput } from './subscription.schema.js';

/** Messages that WeChat delivers only to who has allowed them. */
@Controller('me/subscriptions')
@ApiTags('orders')
export class SubscriptionController {
  constructor(private readonly allowing: AllowMessages) {}

  @Post()
  @Returns(200, allowedMessages)
  @AcceptsIdempotencyKey()
  async allow(
    @CurrentKeyedCaller() { userId, idempotencyKey }: KeyedCaller,
    @Body({ schema: allowMessages }) { templateIds }: AllowMessagesInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    replyWithStoredAnswer(reply, await this.allowing.execute({ userId, idempotencyKey, templateIds }));
  }
}
