import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { WechatModule } from '../../platform/wechat/wechat.module.js';
import { CartModule } from '../cart/cart.module.js';
import { CatalogModule } from '../catalog/catalog.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { InventoryModule } from '../inventory/inventory.module.js';
import { PaymentModule } from '../payment/payment.module.js';
import { PromotionModule } from '../promotion/promotion.module.js';
import { AfterSaleConsumer } from './aftersale/aftersale.consumer.js';
import { AfterSaleController } from './aftersale/aftersale.controller.js';
import { afterSaleQueue, ApplyRefund } from './aftersale/aftersale.jobs.js';
import { AfterSaleService } from './aftersale/aftersale.service.js';
import { ApplyRefundToOrder } from './aftersale/apply-refund.js';
import { ApproveRefund } from './aftersale/approve-refund.js';
import { EndRefund } from './aftersale/end-refund.js';
import { OwnRefunds } from './aftersale/own-refunds.js';
import { RefundRequestRepository } from './aftersale/refund-request.repository.js';
import { RequestRefund } from './aftersale/request-refund.js';
import { SettleByHand } from './aftersale/settle-by-hand.js';
import { FinishOrders } from './fulfilment/finish-orders.js';
import { FulfilmentConsumer } from './fulfilment/fulfilment.consumer.js';
import { AnnounceShipment, fulfilmentQueue, UploadShipping } from './fulfilment/fulfilment.jobs.js';
import { OrderDeskService } from './fulfilment/order-desk.service.js';
import { ShipmentRepository } from './fulfilment/shipment.repository.js';
import { UploadShippingInfo } from './fulfilment/upload-shipping-info.js';
import { AllowMessages } from './message/allow-messages.js';
import { MessageGrantRepository } from './message/message-grant.repository.js';
import { SendShippedMessage } from './message/send-shipped-message.js';
import { ShippedMessageRepository } from './message/shipped-message.repository.js';
import { messageCounter, ShippedMessages } from './message/shipped-messages.js';
import { SubscriptionController } from './message/subscription.controller.js';
import { AfterSales, OrderDesk } from './order.contract.js';
import { ApplyPaymentToOrder } from './settlement/apply-payment.js';
import { CancelOrder } from './settlement/cancel-order.js';
import { EndUnpaidOrder } from './settlement/end-unpaid-order.js';
import { ExpireOrders } from './settlement/expire-orders.js';
import { OrderExpiryConsumer } from './settlement/order-expiry.consumer.js';
import { OrderPaymentConsumer } from './settlement/order-payment.consumer.js';
import { ReturnLatePayment, strayMoneyCounter } from './settlement/return-late-payment.js';
import { ReleaseHoldings } from './settlement/release-holdings.js';
import { OrderController } from './order.controller.js';
import { ApplyPayment, ExpireOrder, orderExpiryQueue, orderQueue } from './settlement/order.jobs.js';
import { DraftFacts } from './checkout/draft-facts.js';
import { OrderDrafts } from './checkout/order-draft.js';
import { OrderRepository } from './order.repository.js';
import { OrderService } from './order.service.js';
import { PlaceOrder } from './checkout/place-order.js';
import { RecordOrder } from './checkout/record-order.js';

/**
 * Owns orders and their lines from placing to completing, their refund requests, and the messages about them.
 * Promises: one order per idempotency key; prices are the server's; stock is held while an order is unpaid, leaves once
 * when it is paid and returns once when it is cancelled, as its coupon does; an unpaid order ends at its time, with or
 * without the queue; a refund is decided once, adds up to what was paid, and brings its units back at most once;
 * WeChat, and a shopper who has allowed it, are told of a shipment once, also when WeChat is away for a while.
 * Calls: identity, catalog, cart, inventory, promotion, payment. Hears: payment.captured, refund.settled.
 * Tells: order.placed, order.paid, order.shipped, order.cancelled.
 */
@Module({
  imports: [
    IdentityModule,
    CatalogModule,
    CartModule,
    InventoryModule,
    PromotionModule,
    PaymentModule,
    WechatModule,
    QueueModule.forFeature(orderQueue, [ApplyPayment]),
    QueueModule.forFeature(orderExpiryQueue, [ExpireOrder]),
    QueueModule.forFeature(afterSaleQueue, [ApplyRefund]),
    QueueModule.forFeature(fulfilmentQueue, [UploadShipping, AnnounceShipment]),
  ],
  controllers: [OrderController, AfterSaleController, SubscriptionController],
  providers: [
    OrderRepository,
    OrderService,
    DraftFacts,
    OrderDrafts,
    PlaceOrder,
    RecordOrder,
    CancelOrder,
    ReleaseHoldings,
    EndUnpaidOrder,
    ReturnLatePayment,
    ApplyPaymentToOrder,
    strayMoneyCounter,
    ExpireOrders,
    OrderPaymentConsumer,
    OrderExpiryConsumer,
    RefundRequestRepository,
    RequestRefund,
    OwnRefunds,
    ApproveRefund,
    EndRefund,
    SettleByHand,
    AfterSaleService,
    ApplyRefundToOrder,
    AfterSaleConsumer,
    ShipmentRepository,
    OrderDeskService,
    FinishOrders,
    UploadShippingInfo,
    FulfilmentConsumer,
    MessageGrantRepository,
    AllowMessages,
    ShippedMessageRepository,
    ShippedMessages,
    messageCounter,
    SendShippedMessage,
    { provide: OrderDesk, useExisting: OrderDeskService },
    { provide: AfterSales, useExisting: AfterSaleService },
  ],
  exports: [OrderDesk, AfterSales],
})
export class OrderModule {}
