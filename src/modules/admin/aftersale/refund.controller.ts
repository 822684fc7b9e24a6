import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '../../../platform/http/documented.js';
import { RequiresPermission } from '../../../platform/http/requires-permission.decorator.js';
import { Returns } from '../../../platform/http/returns.decorator.js';
import {
  AcceptsIdempotencyKey,
  replyWithStoredAnswer,
  type AnswerReply,
} from '../../../platform/http/stored-answer.js';
import { requireIdempotencyKey } from '../../../platform/idempotency/idempotency.js';
import { refundRequestView } from '../../order/order.contract.js';
import { orderId } from '../order/order.schema.js';
import { CurrentIntention, type Intention } from '../session/actor.js';
import {
  adminRefundPage,
  adminRefundQuery,
  approveRefund,
  createRefund,
  refundId,
  refuseRefund,
  type AdminRefundQuery,
  type ApproveRefundInput,
  type CreateRefundInput,
  type RefuseRefundInput,
} from './refund.schema.js';
import { AdminRefundService } from './refund.service.js';

@Controller('admin')
@ApiTags('admin')
export class AdminRefundController {
  constructor(private readonly refunds: AdminRefundService) {}

  @Get('refunds')
  @RequiresPermission('refunds.read')
  @Returns(200, adminRefundPage, 'what shoppers and staff have asked for, newest first')
  listRefunds(@Query({ schema: adminRefundQuery }) query: AdminRefundQuery) {
    return this.refunds.list(query);
  }

  @Get('refunds/:id')
  @RequiresPermission('refunds.read')
  @Returns(200, refundRequestView, 'how far it is: the money is back when it has succeeded')
  getRefund(@Param('id', { schema: refundId }) id: string) {
    return this.refunds.get(id);
  }

  @Post('orders/:id/refunds')
  @RequiresPermission('refunds.approve')
  @AcceptsIdempotencyKey({ required: true })
  @Returns(201, refundRequestView, 'approved at once, without the shopper')
  async createRefund(
    @CurrentIntention() { actor, key }: Intention,
    @Param('id', { schema: orderId }) id: string,
    @Body({ schema: createRefund }) input: CreateRefundInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    const intention = { actor, key: requireIdempotencyKey(key) };
    replyWithStoredAnswer(reply, await this.refunds.create(intention, id, input));
  }

  @Post('refunds/:id/approve')
  @RequiresPermission('refunds.approve')
  @AcceptsIdempotencyKey()
  @Returns(200, refundRequestView, 'the money is on its way; one that WeChat has closed is sent anew')
  async approveRefund(
    @CurrentIntention() intention: Intention,
    @Param('id', { schema: refundId }) id: string,
    @Body({ schema: approveRefund }) input: ApproveRefundInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    replyWithStoredAnswer(reply, await this.refunds.approve(intention, id, input));
  }

  @Post('refunds/:id/refuse')
  @RequiresPermission('refunds.refuse')
  @AcceptsIdempotencyKey()
  @Returns(200, refundRequestView, 'the order goes on from where it was')
  async refuseRefund(
    @CurrentIntention() intention: Intention,
    @Param('id', { schema: refundId }) id: string,
    @Body({ schema: refuseRefund }) input: RefuseRefundInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    replyWithStoredAnswer(reply, await this.refunds.refuse(intention, id, input));
  }

  @Post('refunds/:id/settle-by-hand')
  @RequiresPermission('refunds.approve')
  @AcceptsIdempotencyKey()
  @Returns(200, refundRequestView, 'paid back otherwise, because WeChat cannot; no money moves here')
  async settleRefundByHand(
    @CurrentIntention() intention: Intention,
    @Param('id', { schema: refundId }) id: string,
    @Body({ schema: approveRefund }) input: ApproveRefundInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    replyWithStoredAnswer(reply, await this.refunds.settleByHand(intention, id, input));
  }
}
