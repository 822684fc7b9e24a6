import { Body, Controller, Get, Headers, Param, Post, Query, Res } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../../platform/http/caller.js';
import { ApiTags } from '../../platform/http/documented.js';
import { Limited } from '../../platform/http/limit/limit.decorator.js';
import { Returns } from '../../platform/http/returns.decorator.js';
import {
  AcceptsIdempotencyKey,
  replyWithStoredAnswer,
  type AnswerReply,
} from '../../platform/http/stored-answer.js';
import { requireIdempotencyKey } from '../../platform/idempotency/idempotency.js';
import type { ClientPayment } from '../payment/payment.contract.js';
import { OrderDrafts } from './checkout/order-draft.js';
import {
  clientPayment,
  draftOrder,
  orderIdParam,
  orderListQuery,
  orderPage,
  orderPreviewView,
  orderView,
  toItemView,
  toOrderPage,
  toOrderView,
  type DraftOrderInput,
  type OrderListQuery,
  type OrderPageView,
  type OrderPreviewView,
  type OrderView,
} from './order.schema.js';
import { OrderService } from './order.service.js';
import { PlaceOrder } from './checkout/place-order.js';

@Controller('orders')
@ApiTags('orders')
export class OrderController {
  constructor(
    private readonly orders: OrderService,
    private readonly drafts: OrderDrafts,
    private readonly placing: PlaceOrder,
  ) {}

  @Post('preview')
  @Returns(200, orderPreviewView, 'what it would cost now; nothing is kept')
  async previewOrder(
    @CurrentCaller() caller: Caller,
    @Body({ schema: draftOrder }) input: DraftOrderInput,
  ): Promise<OrderPreviewView> {
    const { lines, amounts } = await this.drafts.draft(caller.userId, input);
    return { items: lines.map(toItemView), amounts };
  }

  @Post()
  @Limited('order')
  @Returns(201, orderView, 'the order, with its stock reserved until it expires')
  @AcceptsIdempotencyKey({ required: true })
  async placeOrder(
    @CurrentCaller() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body({ schema: draftOrder }) input: DraftOrderInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    const idempotencyKey = requireIdempotencyKey(key);
    const answer = await this.placing.execute({ userId: caller.userId, idempotencyKey, input });
    replyWithStoredAnswer(reply, answer);
  }

  @Get()
  @Returns(200, orderPage, 'your own, newest first')
  async listOrders(
    @CurrentCaller() caller: Caller,
    @Query({ schema: orderListQuery }) query: OrderListQuery,
  ): Promise<OrderPageView> {
    return toOrderPage(await this.orders.list(caller.userId, query));
  }

  @Get(':id')
  @Returns(200, orderView, 'the order as it is now')
  async getOrder(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: orderIdParam }) id: string,
  ): Promise<OrderView> {
    return toOrderView(await this.orders.get(caller.userId, id));
  }

  @Post(':id/cancel')
  @Returns(200, orderView, 'the order is cancelled; its stock is free again')
  async cancelOrder(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: orderIdParam }) id: string,
  ): Promise<OrderView> {
    return toOrderView(await this.orders.cancel(caller.userId, id));
  }

  @Post(':id/receive')
  @Returns(200, orderView, 'the order is received')
  async receiveOrder(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: orderIdParam }) id: string,
  ): Promise<OrderView> {
    return toOrderView(await this.orders.receive(caller.userId, id));
  }

  @Post(':id/payment')
  @Returns(200, clientPayment, 'arguments of wx.requestPayment')
  payOrder(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: orderIdParam }) id: string,
  ): Promise<ClientPayment> {
    return this.orders.pay(caller.userId, id);
  }
}
