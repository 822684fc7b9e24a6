import { Injectable } from '@nestjs/common';
import { Transactor } from '../database/transactor.js';
import type { DeliveryId } from '../queue/deliveries.js';

/** An event as the outbox keeps it. */
export interface News {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
  readonly traceparent: string | null;
  readonly orderKey: string | null;
}

/** One job of one event, waiting to take effect. */
export interface Delivery extends News {
  readonly job: string;
}

/** A job that an event starts, at once where no time is named. */
export interface StartedJob {
  readonly job: string;
  readonly dueAt: Date | null;
}

/** A delivery that has taken effect: how long after it was due, and whether another may wait for it. */
export interface Done {
  readonly lagSeconds: number;
  readonly isOrdered: boolean;
}

export interface Backlog {
  readonly depth: number;
  readonly ageSeconds: number;
}

/** All SQL of the outbox and of its dead letters. */
@Injectable()
export class OutboxRepository {
  constructor(private readonly transactor: Transactor) {}

  /** One delivery for each job. */
  async insert(
    { id, name, payload, traceparent, orderKey }: News,
    started: readonly StartedJob[],
  ): Promise<void> {
    await this.transactor.execute(
      `insert into outbox (id, job, name, payload, traceparent, order_key, due_at)
       select $1, started.job, $2, $3, $4, $5, coalesce(started.due_at, now())
       from unnest($6::text[], $7::timestamptz[]) as started (job, due_at)`,
      [
        id,
        name,
        JSON.stringify(payload),
        traceparent,
        orderKey,
        started.map(({ job }) => job),
        started.map(({ dueAt }) => dueAt),
      ],
    );
  }

  /**
   * Takes up to `limit` deliveries that nobody leases, until `leaseMs` after they are due; relays side by side never
   * take the same one. Of those with one key only the first is taken: the next waits until that one is done.
   */
  async lease(limit: number, leaseMs: number): Promise<Delivery[]> {
    return this.transactor.query<Delivery>(
      `with next as (
         select id, job from outbox it
         where leased_until <= now() and (order_key is null or not exists (
           select from outbox earlier
           where earlier.job = it.job and earlier.order_key = it.order_key and earlier.position < it.position
         ))
         order by leased_until, position limit $1 for update skip locked
       ), leased as (
         update outbox it
         set leased_until = greatest(now(), due_at) + $2 * interval '1 millisecond', attempts = attempts + 1
         from next where it.id = next.id and it.job = next.job
         returning it.id, it.job, it.name, it.payload, it.traceparent, it.order_key as "orderKey", it.position
       )
       select * from leased order by position`,
      [limit, leaseMs],
    );
  }

  /** Ends the lease of deliveries the queue did not take; the pause grows by a second a try, up to `maxPauseMs`. */
  async postpone(deliveries: readonly Delivery[], maxPauseMs: number): Promise<void> {
    if (deliveries.length === 0) return;
    await this.transactor.execute(
      `update outbox it set leased_until = now() + least(attempts * 1000, $3) * interval '1 millisecond'
       from unnest($1::uuid[], $2::text[]) as late (id, job) where it.id = late.id and it.job = late.job`,
      [deliveries.map(({ id }) => id), deliveries.map(({ job }) => job), maxPauseMs],
    );
  }

  /** Null when it was removed before. */
  async remove({ eventId, job }: DeliveryId): Promise<Done | null> {
    const [row] = await this.transactor.query<Done>(
      `delete from outbox where id = $1 and job = $2
       returning greatest(0, extract(epoch from now() - greatest(created_at, due_at)))::float8 as "lagSeconds",
         order_key is not null as "isOrdered"`,
      [eventId, job],
    );
    return row ?? null;
  }

  /** In one statement from the outbox to the dead letters. */
  async bury({ eventId, job }: DeliveryId, error: string, attempts: number): Promise<void> {
    await this.transactor.execute(
      `with dead as (delete from outbox where id = $1 and job = $2 returning *)
       insert into dead_letters (id, job, name, payload, traceparent, order_key, error, attempts, published_at)
       select id, job, name, payload, traceparent, order_key, $3, $4, created_at from dead
       on conflict (id, job) do update set error = excluded.error, attempts = excluded.attempts, died_at = now()`,
      [eventId, job, error, attempts],
    );
  }

  /** Deliveries that are due; an order's expiry in half an hour is no backlog. */
  async backlog(): Promise<Backlog> {
    const [row] = await this.transactor.query<Backlog>(
      `select count(*)::int as depth, coalesce(extract(epoch from now() - min(due_at)), 0)::float8 as "ageSeconds"
       from outbox where due_at <= now()`,
    );
    return row!;
  }

  async countDeadLetters(): Promise<number> {
    const sql = 'select count(*)::int as count from dead_letters';
    const [row] = await this.transactor.query<{ readonly count: number }>(sql);
    return row!.count;
  }
}
