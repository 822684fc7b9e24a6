import { Injectable } from '@nestjs/common';
import { BatchedReads } from '../../../platform/database/batched-reads.js';
import { Transactor } from '../../../platform/database/transactor.js';
import type { Caller } from '../../../platform/http/caller.js';

/** All SQL of sessions and their refresh tokens. A session is the family of all refresh tokens rotated from one login. */
@Injectable()
export class SessionRepository {
  private readonly findActive: (sessionId: string) => Promise<{ readonly id: string } | null>;

  constructor(
    private readonly transactor: Transactor,
    reads: BatchedReads,
  ) {
    this.findActive = reads.byId('identity.session', ids =>
      this.transactor.query(
        'select id from sessions where id = any($1::uuid[]) and revoked_at is null and expires_at > now()',
        [ids],
      ),
    );
  }

  /** A session with its first refresh token. */
  async insert({ sessionId, userId }: Caller, tokenHash: Buffer, ttlMs: number): Promise<void> {
    await this.transactor.execute(
      `with opened as (
         insert into sessions (id, user_id, expires_at) values ($1, $2, now() + $4 * interval '1 millisecond')
         returning id, expires_at
       )
       insert into refresh_tokens (token_hash, session_id, expires_at) select $3, id, expires_at from opened`,
      [sessionId, userId, tokenHash, ttlMs],
    );
  }

  /** Uses the token up. Of many at once exactly one gets the session; null says unknown, used, expired or revoked. */
  async useRefreshToken(tokenHash: Buffer): Promise<Caller | null> {
    const [session] = await this.transactor.query<Caller>(
      `update refresh_tokens t set used_at = now() from sessions s
       where t.token_hash = $1 and t.used_at is null and t.expires_at > now()
         and s.id = t.session_id and s.revoked_at is null
       returning t.session_id as "sessionId", s.user_id as "userId"`,
      [tokenHash],
    );
    return session ?? null;
  }

  /** The session lives as long as its next refresh token. */
  async extend(sessionId: string, tokenHash: Buffer, ttlMs: number): Promise<void> {
    await this.transactor.execute(
      `with extended as (
         update sessions set expires_at = now() + $3 * interval '1 millisecond' where id = $1
         returning id, expires_at
       )
       insert into refresh_tokens (token_hash, session_id, expires_at) select $2, id, expires_at from extended`,
      [sessionId, tokenHash, ttlMs],
    );
  }

  /** The session that a used token belongs to, revoked now; null when the token was never used. */
  async revokeByUsedToken(tokenHash: Buffer): Promise<string | null> {
    const [session] = await this.transactor.query<{ id: string }>(
      `update sessions s set revoked_at = coalesce(s.revoked_at, now()) from refresh_tokens t
       where t.token_hash = $1 and t.used_at is not null and s.id = t.session_id
       returning s.id`,
      [tokenHash],
    );
    return session?.id ?? null;
  }

  async revoke(sessionId: string): Promise<void> {
    await this.transactor.execute(
      'update sessions set revoked_at = now() where id = $1 and revoked_at is null',
      [sessionId],
    );
  }

  async isActive(sessionId: string): Promise<boolean> {
    return (await this.findActive(sessionId)) !== null;
  }

  async isYoungerThan(sessionId: string, ageMs: number): Promise<boolean> {
    const sql = `select 1 from sessions where id = $1 and created_at > now() - $2 * interval '1 millisecond'`;
    return (await this.transactor.query(sql, [sessionId, ageMs])).length > 0;
  }

  async deleteExpiredTokens(limit: number): Promise<number> {
    return this.transactor.execute(
      `delete from refresh_tokens where token_hash in (
         select token_hash from refresh_tokens where expires_at < now() limit $1 for update skip locked
       )`,
      [limit],
    );
  }

  async deleteExpired(limit: number): Promise<number> {
    return this.transactor.execute(
      `delete from sessions where id in (
         select id from sessions where expires_at < now() limit $1 for update skip locked
       )`,
      [limit],
    );
  }
}
