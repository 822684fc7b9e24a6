import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import type { Shipment } from '../order.contract.js';
import { orderMoves } from '../order.machine.js';

/** SQL of orders that are paid: on their way, and to their end. Every change is one conditional statement. */
@Injectable()
export class ShipmentRepository {
  constructor(private readonly transactor: Transactor) {}

  /** False when the order was not in a state that allows it. */
  async markShipped(id: string, { carrier, trackingNumber }: Shipment, at: Date): Promise<boolean> {
    const { from, to } = orderMoves.ship;
    const changed = await this.transactor.execute(
      `update orders set status = $2, shipped_at = $4, carrier = $5, tracking_number = $6
       where id = $1 and status = any($3)`,
      [id, to, from, at, carrier, trackingNumber],
    );
    return changed === 1;
  }

  /** Another parcel's words for one that WeChat has refused. False when it has refused none, or there is no news. */
  async correctShipment(id: string, { carrier, trackingNumber }: Shipment): Promise<boolean> {
    const changed = await this.transactor.execute(
      `update orders set carrier = $2, tracking_number = $3, shipping_refused_at = null
       where id = $1 and status = 'shipped' and shipping_refused_at is not null
         and (carrier, tracking_number) is distinct from ($2, $3)`,
      [id, carrier, trackingNumber],
    );
    return changed === 1;
  }

  /** Not when it has been corrected meanwhile. */
  async markRefused(id: string, { carrier, trackingNumber }: Shipment): Promise<void> {
    await this.transactor.execute(
      `update orders set shipping_refused_at = now()
       where id = $1 and shipping_uploaded_at is null and carrier = $2 and tracking_number = $3`,
      [id, carrier, trackingNumber],
    );
  }

  /** Whether WeChat has been told. */
  async isUploaded(id: string): Promise<boolean> {
    const rows = await this.transactor.query(
      'select 1 from orders where id = $1 and shipping_uploaded_at is not null',
      [id],
    );
    return rows.length === 1;
  }

  async markUploaded(id: string): Promise<void> {
    await this.transactor.execute(
      'update orders set shipping_uploaded_at = now() where id = $1 and shipping_uploaded_at is null',
      [id],
    );
  }

  /** Orders that were shipped more than `ageMs` ago count as received; sweepers side by side share them. */
  async receiveOverdue(ageMs: number, limit: number): Promise<number> {
    const { from, to } = orderMoves.receive;
    return this.transactor.execute(
      `update orders set status = $1, received_at = now() where id in (
         select id from orders where status = any($2) and shipped_at < now() - $3 * interval '1 millisecond'
         order by shipped_at limit $4 for update skip locked)`,
      [to, from, ageMs, limit],
    );
  }

  /** As `receiveOverdue`, for orders that were received and are final now. */
  async completeOverdue(ageMs: number, limit: number): Promise<number> {
    const { from, to } = orderMoves.complete;
    return this.transactor.execute(
      `update orders set status = $1, completed_at = now() where id in (
         select id from orders where status = any($2) and received_at < now() - $3 * interval '1 millisecond'
         order by received_at limit $4 for update skip locked)`,
      [to, from, ageMs, limit],
    );
  }
}
