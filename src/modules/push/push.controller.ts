import { Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '../../platform/http/documented.js';
import { Unlimited } from '../../platform/http/limit/limit.decorator.js';
import { Public } from '../../platform/http/public.decorator.js';
import { RawRequest, type RawMessage } from '../../platform/http/input/raw-request.js';
import { ReturnsText } from '../../platform/http/returns.decorator.js';
import type { PushQuery } from '../../platform/wechat/push/message-push.js';
import { pushQuery } from './push.schema.js';
import { PushService } from './push.service.js';

/**
 * Where WeChat pushes messages and events. Trusted for its signature, never for its address. Choose JSON in WeChat's
 * console: XML is answered 415.
 */
@Controller('wechat/push')
@ApiTags('wechat')
export class PushController {
  constructor(private readonly pushes: PushService) {}

  /** WeChat asks once, when the URL is entered in its console. */
  @Get()
  @Public()
  @Unlimited()
  @ReturnsText('the echostr of the query')
  checkUrl(@Query({ schema: pushQuery }) query: PushQuery): string {
    return this.pushes.check(query);
  }

  /** Without an answer in five seconds WeChat sends the message again, three times in all. */
  @Post()
  @Public()
  @Unlimited()
  @ReturnsText('`success`: the message is taken')
  async receivePush(
    @Query({ schema: pushQuery }) query: PushQuery,
    @RawRequest() { rawBody }: RawMessage,
  ): Promise<string> {
    await this.pushes.receive(query, rawBody);
    return 'success';
  }
}
