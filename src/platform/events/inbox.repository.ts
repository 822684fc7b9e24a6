import { Injectable } from '@nestjs/common';
import { Transactor } from '../database/transactor.js';

/** All SQL of the inbox. */
@Injectable()
export class InboxRepository {
  constructor(private readonly transactor: Transactor) {}

  /** False when this consumer has already taken the event. */
  async markProcessed(consumer: string, eventId: string): Promise<boolean> {
    const inserted = await this.transactor.execute(
      'insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing',
      [consumer, eventId],
    );
    return inserted === 1;
  }

  async forgetProcessed(olderThanMs: number, limit: number): Promise<number> {
    return this.transactor.execute(
      `delete from inbox where (consumer, event_id) in (
         select consumer, event_id from inbox
         where processed_at < now() - $1 * interval '1 millisecond' limit $2 for update skip locked
       )`,
      [olderThanMs, limit],
    );
  }
}
