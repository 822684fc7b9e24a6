import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';

/** The one message about the shipment of an order, and whose grant it has taken. */
export interface ShippedMessage {
  readonly orderId: string;
  readonly userId: string;
  readonly templateId: string;
}

/** `not_allowed`: the shopper has not agreed to it, as far as we or WeChat know. `refused`: WeChat does not take it. */
export type MessageOutcome = 'sent' | 'not_allowed' | 'refused';

/** What has become of each message, so that none is sent twice. Every change is one conditional statement. */
@Injectable()
export class ShippedMessageRepository {
  constructor(private readonly transactor: Transactor) {}

  /** False when the order has its message already. */
  async insert({ orderId, userId, templateId }: ShippedMessage): Promise<boolean> {
    const inserted = await this.transactor.execute(
      `insert into shipped_messages (order_id, user_id, template_id) values ($1, $2, $3)
       on conflict do nothing`,
      [orderId, userId, templateId],
    );
    return inserted === 1;
  }

  /** Gives a message that is due to one of many workers, for `forMs` or until it is released; null to the others. */
  async claim(orderId: string, forMs: number): Promise<ShippedMessage | null> {
    const rows = await this.transactor.query<ShippedMessage>(
      `update shipped_messages set claimed_until = now() + $2 * interval '1 millisecond'
       where order_id = $1 and status = 'due' and (claimed_until is null or claimed_until < now())
       returning order_id as "orderId", user_id as "userId", template_id as "templateId"`,
      [orderId, forMs],
    );
    return rows[0] ?? null;
  }

  async release(orderId: string): Promise<void> {
    await this.transactor.execute('update shipped_messages set claimed_until = null where order_id = $1', [
      orderId,
    ]);
  }

  async isDue(orderId: string): Promise<boolean> {
    const sql = `select 1 from shipped_messages where order_id = $1 and status = 'due'`;
    return (await this.transactor.query(sql, [orderId])).length === 1;
  }

  /** False when it has ended before. */
  async end(orderId: string, outcome: MessageOutcome): Promise<boolean> {
    const ended = await this.transactor.execute(
      `update shipped_messages set status = $2, ended_at = now() where order_id = $1 and status = 'due'`,
      [orderId, outcome],
    );
    return ended === 1;
  }
}
