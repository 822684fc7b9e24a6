import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';

/** At most `limit` failures of one subject within `windowMs`. */
export interface FailureLimit {
  readonly subject: Buffer;
  readonly limit: number;
  readonly windowMs: number;
}

const window = `$3 * interval '1 millisecond'`;
const within = `from unnest(f.failed_at) as at where at > now() - ${window}`;

/** Counting and adding are one statement on one row: of many at once, none passes the limit. */
const addSql = `
  insert into staff_login_failures as f (subject, failed_at, expires_at) values ($1, array[now()], now() + ${window})
  on conflict (subject) do update
    set failed_at = array(select at ${within} order by at) || now(), expires_at = excluded.expires_at
    where (select count(*) ${within}) < $2
  returning now()::text as at`;

/** All SQL of failed logins. */
@Injectable()
export class LoginThrottleRepository {
  constructor(private readonly transactor: Transactor) {}

  /** The moment it was noted at; null when the subject has had its failures. */
  async add({ subject, limit, windowMs }: FailureLimit): Promise<string | null> {
    const [noted] = await this.transactor.query<{ at: string }>(addSql, [subject, limit, windowMs]);
    return noted?.at ?? null;
  }

  /** Until the oldest failure that counts is forgotten. */
  async secondsLeft({ subject, limit, windowMs }: FailureLimit): Promise<number> {
    const [row] = await this.transactor.query<{ seconds: number }>(
      `select ceil(extract(epoch from failed_at[cardinality(failed_at) - $2::int + 1] + ${window} - now()))::int as seconds
       from staff_login_failures where subject = $1`,
      [subject, limit, windowMs],
    );
    return Math.max(1, row?.seconds ?? 1);
  }

  async forget(subject: Buffer): Promise<void> {
    await this.transactor.execute('delete from staff_login_failures where subject = $1', [subject]);
  }

  async take(subject: Buffer, at: string): Promise<void> {
    await this.transactor.execute(
      'update staff_login_failures set failed_at = array_remove(failed_at, $2::timestamptz) where subject = $1',
      [subject, at],
    );
  }

  async deleteExpired(limit: number): Promise<number> {
    return this.transactor.execute(
      `delete from staff_login_failures where subject in (
         select subject from staff_login_failures where expires_at < now() limit $1 for update skip locked
       )`,
      [limit],
    );
  }
}
