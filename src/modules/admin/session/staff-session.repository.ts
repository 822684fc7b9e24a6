import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import type { Role } from '../permission.js';
import type { StaffCredential } from '../staff/staff.repository.js';
import type { StaffClaims } from './staff-token.js';

export interface StaffSession extends StaffClaims {
  readonly username: string;
  readonly role: Role;
}

/** All SQL of staff sessions. */
@Injectable()
export class StaffSessionRepository {
  constructor(private readonly transactor: Transactor) {}

  /**
   * False, and nothing opened, when the person has left or has another password by now. The row stays locked: whoever
   * changes it meanwhile waits, and then ends this session too.
   */
  async open(sessionId: string, { id, passwordHash }: StaffCredential, ttlMs: number): Promise<boolean> {
    const opened = await this.transactor.execute(
      `insert into staff_sessions (id, staff_id, expires_at)
       select $1, member.id, now() + $4 * interval '1 millisecond' from (
         select id from staff where id = $2 and password_hash = $3 and deactivated_at is null for share
       ) member`,
      [sessionId, id, passwordHash, ttlMs],
    );
    return opened === 1;
  }

  /** Null for a session that has ended, and for one of somebody who has left. */
  async findActive({ sessionId, staffId }: StaffClaims): Promise<StaffSession | null> {
    const [session] = await this.transactor.query<StaffSession>(
      `select s.id as "sessionId", m.id as "staffId", m.username, m.role
       from staff_sessions s join staff m on m.id = s.staff_id
       where s.id = $1 and m.id = $2 and s.revoked_at is null and s.expires_at > now() and m.deactivated_at is null`,
      [sessionId, staffId],
    );
    return session ?? null;
  }

  async revoke(sessionId: string): Promise<void> {
    await this.transactor.execute(
      'update staff_sessions set revoked_at = now() where id = $1 and revoked_at is null',
      [sessionId],
    );
  }

  /** All of a member's sessions, or all but the one that asks for it. */
  async revokeAllOf(staffId: string, exceptId: string | null = null): Promise<void> {
    await this.transactor.execute(
      `update staff_sessions set revoked_at = now()
       where staff_id = $1 and revoked_at is null and ($2::uuid is null or id <> $2)`,
      [staffId, exceptId],
    );
  }

  async deleteExpired(limit: number): Promise<number> {
    return this.transactor.execute(
      `delete from staff_sessions where id in (
         select id from staff_sessions where expires_at < now() limit $1 for update skip locked
       )`,
      [limit],
    );
  }
}
