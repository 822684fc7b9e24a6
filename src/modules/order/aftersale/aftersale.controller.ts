import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import {
  CurrentCaller,
  CurrentKeyedCaller,
  type Caller,
  type KeyedCaller,
} from '../../../platform/http/caller.js';
import { ApiTags } from '../../../platform/http/documented.js';
import { Returns } from '../../../platform/http/returns.decorator.js';
import {
  AcceptsIdempotencyKey,
  replyWithStoredAnswer,
  type AnswerReply,
} from '../../../platform/http/stored-answer.js';
import { requireIdempotencyKey } from '../../../platform/idempotency/idempotency.js';
import { orderIdParam } from '../order.schema.js';
import {
  refundListQuery,
  refundRequestPage,
  refundRequestView,
  requestRefund,
  type RefundListQuery,
  type RefundRequestPage,
  type RequestRefundInput,
} from './aftersale.schema.js';
import { OwnRefunds } from './own-refunds.js';

/** After-sale as the shopper sees it. */
@Controller('orders/:id/refunds')
@ApiTags('orders')
export class AfterSaleController {
  constructor(private readonly refunds: OwnRefunds) {}

  @Post()
  @Returns(201, refundRequestView)
  @AcceptsIdempotencyKey({ required: true })
  async request(
    @CurrentKeyedCaller() { userId, idempotencyKey: key }: KeyedCaller,
    @Param('id', { schema: orderIdParam }) orderId: string,
    @Body({ schema: requestRefund }) input: RequestRefundInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    const idempotencyKey = requireIdempotencyKey(key);
    const command = { userId, orderId, idempotencyKey, input };
    replyWithStoredAnswer(reply, await this.refunds.request(command));
  }

  @Get()
  @Returns(200, refundRequestPage, 'newest first')
  list(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: orderIdParam }) orderId: string,
    @Query({ schema: refundListQuery }) query: RefundListQuery,
  ): Promise<RefundRequestPage> {
    return this.refunds.list(caller.userId, orderId, query);
  }
}
