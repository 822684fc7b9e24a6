import { Injectable } from '@nestjs/common';
import { Transactor } from '../database/transactor.js';

interface KeyRow {
  readonly fingerprint: Buffer;
  readonly status: number;
  readonly body: string;
}

@Injectable()
export class IdempotencyRepository {
  constructor(private readonly transactor: Transactor) {}

  /**
   * True if the key is new, or expired and taken over. False, at once, if it is used, or if a transaction that is still
   * open has claimed it: waiting for that one here would hold a connection of the pool.
   */
  async claim(ownerId: string, key: string, fingerprint: Buffer, ttlMs: number): Promise<boolean> {
    const claimed = await this.transactor.execute(
      `insert into idempotency_keys as k (owner_id, key, fingerprint, expires_at)
       select $1::uuid, $2::text, $3::bytea, now() + $4 * interval '1 millisecond'
       where pg_try_advisory_xact_lock(hashtextextended($1::uuid::text || '/' || $2, 0))
       on conflict (owner_id, key) do update
         set fingerprint = excluded.fingerprint, expires_at = excluded.expires_at, status = null, body = null
         where k.expires_at < now()`,
      [ownerId, key, fingerprint, ttlMs],
    );
    return claimed === 1;
  }

  async store(ownerId: string, key: string, answer: { status: number; body: string }): Promise<void> {
    await this.transactor.execute(
      'update idempotency_keys set status = $3, body = $4 where owner_id = $1 and key = $2',
      [ownerId, key, answer.status, answer.body],
    );
  }

  async find(ownerId: string, key: string): Promise<KeyRow | null> {
    const [row] = await this.transactor.query<KeyRow>(
      `select fingerprint, status, body from idempotency_keys
       where owner_id = $1 and key = $2 and expires_at >= now() and status is not null`,
      [ownerId, key],
    );
    return row ?? null;
  }

  async deleteExpired(limit: number): Promise<number> {
    return this.transactor.execute(
      `delete from idempotency_keys where (owner_id, key) in (
         select owner_id, key from idempotency_keys where expires_at < now() limit $1 for update skip locked
       )`,
      [limit],
    );
  }
}
