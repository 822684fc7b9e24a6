import { Injectable } from '@nestjs/common';
import { isId } from '../../../kernel/id.js';
import { isUniqueViolation } from '../../../platform/database/database-error.js';
import { Transactor } from '../../../platform/database/transactor.js';
import { UsernameTaken } from '../admin.errors.js';
import type { Role } from '../permission.js';

export interface StaffMember {
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  readonly isActive: boolean;
  readonly createdAt: Date;
}

export interface StaffCredential extends StaffMember {
  readonly passwordHash: string;
}

export interface NewStaff {
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  readonly passwordHash: string;
}

const columns = `id, username, role, deactivated_at is null as "isActive", created_at as "createdAt"`;

/** All SQL of the staff. */
@Injectable()
export class StaffRepository {
  constructor(private readonly transactor: Transactor) {}

  /** Newest first: ids sort by time. */
  async list(limit: number, beforeId: string | null): Promise<StaffMember[]> {
    return this.transactor.query(
      `select ${columns} from staff where $2::uuid is null or id < $2 order by id desc limit $1`,
      [limit, beforeId],
    );
  }

  async findCredential(username: string): Promise<StaffCredential | null> {
    const [member] = await this.transactor.query<StaffCredential>(
      `select ${columns}, password_hash as "passwordHash" from staff where username = $1`,
      [username],
    );
    return member ?? null;
  }

  /** @throws UsernameTaken */
  async insert({ id, username, role, passwordHash }: NewStaff): Promise<StaffMember> {
    const sql = `insert into staff (id, username, role, password_hash) values ($1, $2, $3, $4) returning ${columns}`;
    try {
      const [member] = await this.transactor.query<StaffMember>(sql, [id, username, role, passwordHash]);
      return member!;
    } catch (error) {
      if (isUniqueViolation(error, 'staff_username')) throw new UsernameTaken();
      throw error;
    }
  }

  /** Whoever takes an owner away takes this first: of two who remove each other, the second sees what the first did. */
  async lockActiveOwners(): Promise<readonly string[]> {
    const owners = await this.transactor.query<{ id: string }>(
      `select id from staff where role = 'owner' and deactivated_at is null order by id for no key update`,
    );
    return owners.map(({ id }) => id);
  }

  async lock(id: string): Promise<StaffMember | null> {
    if (!isId(id)) return null;
    const [member] = await this.transactor.query<StaffMember>(
      `select ${columns} from staff where id = $1 for no key update`,
      [id],
    );
    return member ?? null;
  }

  async setRole(id: string, role: Role): Promise<void> {
    await this.transactor.execute('update staff set role = $2 where id = $1', [id, role]);
  }

  async deactivate(id: string): Promise<void> {
    await this.transactor.execute(
      'update staff set deactivated_at = now() where id = $1 and deactivated_at is null',
      [id],
    );
  }

  async setPassword(id: string, passwordHash: string): Promise<void> {
    await this.transactor.execute('update staff set password_hash = $2 where id = $1', [id, passwordHash]);
  }

  /** False, and nothing changed, when the password is another one by now. */
  async replacePassword({ id, passwordHash }: StaffCredential, newHash: string): Promise<boolean> {
    const sql =
      'update staff set password_hash = $3 where id = $1 and password_hash = $2 and deactivated_at is null';
    return (await this.transactor.execute(sql, [id, passwordHash, newHash])) === 1;
  }
}
