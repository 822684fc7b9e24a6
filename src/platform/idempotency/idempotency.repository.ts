import { Injectable } from '@nestjs/common';
import { Transactor } from '../database/transactor.js';

/** A key, and the hash of the request that uses it. */
export interface Claim {
  readonly ownerId: string;
  readonly key: string;
  readonly fingerprint: Buffer;
}

interface KeptAnswer {
  readonly status: number;
  readonly body: string;
}

interface KeyRow extends KeptAnswer {
  readonly fingerprint: Buffer;
}

@Injectable()
export class IdempotencyRepository {
  constructor(private readonly transactor: Transactor) {}

  /**
   * True if the key is new, or expired and taken over. False, at once, if it is used, or if a transaction that is still
   * open has claimed it: waiting for that one here would hold a connection of the pool. An answer that is known by now
   * is stored with it.
   */
  async claim({ ownerId, key, fingerprint }: Claim, ttlMs: number, answer?: KeptAnswer): Promise<boolean> {
    const claimed = await this.transactor.execute(
      `insert into idempotency_keys as k (owner_id, key, fingerprint, expires_at, status, body)
       select $1::uuid, $2::text, $3::bytea, now() + $4 * interval '1 millisecond', $5::smallint, $6::text
       where pg_try_advisory_xact_lock(hashtextextended($1::uuid::text || '/' || $2, 0))
       on conflict (owner_id, key) do update
         set fingerprint = excluded.fingerprint, expires_at = excluded.expires_at,
             status = excluded.status, body = excluded.body
         where k.expires_at < now()`,
      [ownerId, key, fingerprint, ttlMs, answer?.status ?? null, answer?.body ?? null],
    );
    return claimed === 1;
  }

  async store({ ownerId, key }: Claim, answer: KeptAnswer): Promise<void> {
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
