import { Injectable } from '@nestjs/common';
import { Transactor } from '../database/transactor.js';

export interface OutboxEvent {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
  readonly traceparent: string | null;
}

/** All SQL of the outbox. */
@Injectable()
export class OutboxRepository {
  constructor(private readonly transactor: Transactor) {}

  async insert(event: OutboxEvent): Promise<void> {
    await this.transactor.execute(
      'insert into outbox (id, name, payload, traceparent) values ($1, $2, $3, $4)',
      [event.id, event.name, JSON.stringify(event.payload), event.traceparent],
    );
  }

  /** Takes up to `limit` due events for `leaseMs`; relays side by side never take the same one. */
  async lease(limit: number, leaseMs: number): Promise<OutboxEvent[]> {
    const rows = await this.transactor.query<OutboxEvent>(
      `update outbox set leased_until = now() + $2 * interval '1 millisecond', attempts = attempts + 1
       where id in (
         select id from outbox where leased_until <= now() order by leased_until, id limit $1 for update skip locked
       )
       returning id, name, payload, traceparent`,
      [limit, leaseMs],
    );
    return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async delete(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.transactor.execute('delete from outbox where id = any($1)', [ids]);
  }

  /** Ends the lease of events that could not be delivered; the pause grows by a second a try, up to `maxPauseMs`. */
  async postpone(ids: readonly string[], maxPauseMs: number): Promise<void> {
    if (ids.length === 0) return;
    await this.transactor.execute(
      `update outbox set leased_until = now() + least(attempts * 1000, $2) * interval '1 millisecond'
       where id = any($1)`,
      [ids, maxPauseMs],
    );
  }

  async backlog(): Promise<{ depth: number; ageSeconds: number }> {
    const [row] = await this.transactor.query<{ depth: number; ageSeconds: number }>(
      `select count(*)::int as depth, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as "ageSeconds" from outbox`,
    );
    return row!;
  }
}
