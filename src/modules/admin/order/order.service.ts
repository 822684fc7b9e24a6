import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Page } from '../../../kernel/page.js';
import { Transactor } from '../../../platform/database/transactor.js';
import { OrderDesk, type DeskOrder } from '../../order/order.contract.js';
import { Audit } from '../audit/audit.js';
import type { Actor } from '../session/actor.js';
import type { AdminOrderQuery, ShipOrderInput } from './order.schema.js';

/** A retry of what has been done answers as the first time, and leaves no second line in the log. */
@Injectable()
export class AdminOrderService {
  constructor(
    private readonly transactor: Transactor,
    private readonly desk: OrderDesk,
    private readonly audit: Audit,
  ) {}

  list(query: AdminOrderQuery): Promise<Page<DeskOrder>> {
    return this.desk.list(query);
  }

  get(id: string): Promise<DeskOrder> {
    return this.desk.get(id);
  }

  ship(actor: Actor, id: string, shipment: ShipOrderInput): Promise<DeskOrder> {
    return this.transactor.run(async () => {
      const before = await this.desk.lock(id);
      const after = await this.desk.ship(id, shipment);
      if (!isDeepStrictEqual(before.shipment, after.shipment))
        await this.audit.record(actor, { action: 'order.ship', target: after.id, before, after });
      return after;
    });
  }

  /** WeChat is asked before there is a transaction; the line is written in the one that cancels. */
  async close(actor: Actor, id: string): Promise<DeskOrder> {
    const before = await this.desk.get(id);
    return this.desk.close(id, async () => {
      const after = await this.desk.get(id);
      await this.audit.record(actor, { action: 'order.close', target: after.id, before, after });
    });
  }
}
