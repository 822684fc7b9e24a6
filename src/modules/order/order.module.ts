import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { CartModule } from '../cart/cart.module.js';
import { CatalogModule } from '../catalog/catalog.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { InventoryModule } from '../inventory/inventory.module.js';
import { PaymentModule } from '../payment/payment.module.js';
import { PromotionModule } from '../promotion/promotion.module.js';
import { ApplyPaymentToOrder, strayMoneyCounter } from './settlement/apply-payment.js';
import { CancelOrder } from './settlement/cancel-order.js';
import { ExpireOrders } from './settlement/expire-orders.js';
import { OrderExpiryConsumer } from './settlement/order-expiry.consumer.js';
import { OrderPaymentConsumer } from './settlement/order-payment.consumer.js';
import { ReleaseHoldings } from './settlement/release-holdings.js';
import { OrderController } from './order.controller.js';
import { ApplyPayment, ExpireOrder, orderExpiryQueue, orderQueue } from './settlement/order.jobs.js';
import { OrderDrafts } from './checkout/order-draft.js';
import { OrderRepository } from './order.repository.js';
import { OrderService } from './order.service.js';
import { PlaceOrder } from './checkout/place-order.js';
import { RecordOrder } from './checkout/record-order.js';

/**
 * Owns orders and their lines, from placing to receiving.
 * Promises: one order per idempotency key; prices are the server's; stock is held while an order is unpaid, leaves once
 * when it is paid and returns once when it is cancelled, as its coupon does; an unpaid order ends at its time, with or
 * without the queue.
 * Calls: identity, catalog, cart, inventory, promotion, payment. Hears: payment.captured. Tells: order.placed.
 */
@Module({
  imports: [
    IdentityModule,
    CatalogModule,
    CartModule,
    InventoryModule,
    PromotionModule,
    PaymentModule,
    QueueModule.forFeature(orderQueue, [ApplyPayment]),
    QueueModule.forFeature(orderExpiryQueue, [ExpireOrder]),
  ],
  controllers: [OrderController],
  providers: [
    OrderRepository,
    OrderService,
    OrderDrafts,
    PlaceOrder,
    RecordOrder,
    CancelOrder,
    ReleaseHoldings,
    ApplyPaymentToOrder,
    strayMoneyCounter,
    ExpireOrders,
    OrderPaymentConsumer,
    OrderExpiryConsumer,
  ],
})
export class OrderModule {}
