import { Injectable } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { isId } from '../../../kernel/id.js';
import { lastIdOf, type Page } from '../../../kernel/page.js';
import { Transactor } from '../../../platform/database/transactor.js';
import { EventPublisher } from '../../../platform/events/event-publisher.js';
import { OrderDesk, type DeskOrder, type OrderDeskQuery, type Shipment } from '../order.contract.js';
import { OrderNotCancellable, OrderNotFound, OrderNotShippable } from '../order.errors.js';
import { OrderShipped } from '../order.events.js';
import { OrderRepository, type Order } from '../order.repository.js';
import { toOrderView } from '../order.schema.js';
import { CancelOrder } from '../settlement/cancel-order.js';
import { ShipmentRepository } from './shipment.repository.js';

/** What the merchant does with orders. */
@Injectable()
export class OrderDeskService extends OrderDesk {
  constructor(
    private readonly orders: OrderRepository,
    private readonly shipments: ShipmentRepository,
    private readonly cancelOrder: CancelOrder,
    private readonly transactor: Transactor,
    private readonly events: EventPublisher,
    private readonly clock: Clock,
  ) {
    super();
  }

  async list({ userId, cursor, ...filter }: OrderDeskQuery): Promise<Page<DeskOrder>> {
    if (userId !== undefined && !isId(userId)) return { items: [] };
    const { items, nextCursor } = await this.orders.list({ ...filter, userId, beforeId: lastIdOf(cursor) });
    return { items: items.map(toDeskOrder), nextCursor };
  }

  async get(orderId: string): Promise<DeskOrder> {
    return toDeskOrder(await this.find(orderId));
  }

  async lock(orderId: string): Promise<DeskOrder> {
    const order = isId(orderId) ? await this.orders.lock(orderId) : null;
    if (!order) throw new OrderNotFound();
    return toDeskOrder(order);
  }

  ship(orderId: string, shipment: Shipment): Promise<DeskOrder> {
    return this.transactor.run(async () => {
      const { id, number, userId } = await this.find(orderId);
      const isNews =
        (await this.shipments.markShipped(id, shipment, this.clock.now())) ||
        (await this.shipments.correctShipment(id, shipment));
      if (isNews) await this.events.publish(OrderShipped, { orderId: id, number, userId, ...shipment });
      const now = await this.find(orderId);
      if (!isSent(now, shipment)) throw new OrderNotShippable({ state: now.status });
      return toDeskOrder(now);
    });
  }

  async close(orderId: string, alongside?: () => Promise<void>): Promise<DeskOrder> {
    await this.cancelOrder.execute(await this.find(orderId), 'by_merchant', alongside);
    const now = await this.find(orderId);
    if (now.status !== 'cancelled') throw new OrderNotCancellable({ state: now.status });
    return toDeskOrder(now);
  }

  private async find(orderId: string): Promise<Order> {
    const order = isId(orderId) ? await this.orders.find(orderId) : null;
    if (!order) throw new OrderNotFound();
    return order;
  }
}

/** Wherever the order has gone since. */
function isSent({ shipment }: Order, { carrier, trackingNumber }: Shipment): boolean {
  return shipment?.carrier === carrier && shipment.trackingNumber === trackingNumber;
}

function toDeskOrder(order: Order): DeskOrder {
  return { ...toOrderView(order), userId: order.userId };
}
