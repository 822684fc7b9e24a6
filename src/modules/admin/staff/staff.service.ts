import { Injectable } from '@nestjs/common';
import { newId } from '../../../kernel/id.js';
import { lastIdOf, pageOf } from '../../../kernel/page.js';
import { Transactor } from '../../../platform/database/transactor.js';
import { LastOwner, StaffNotFound } from '../admin.errors.js';
import { Audit } from '../audit/audit.js';
import { hashPassword } from '../credential/password-hash.js';
import { assertStrong } from '../credential/password-policy.js';
import type { Role } from '../permission.js';
import type { Actor } from '../session/actor.js';
import { StaffSessionRepository } from '../session/staff-session.repository.js';
import { StaffRepository, type StaffMember } from './staff.repository.js';
import {
  toStaffView,
  type CreateStaffInput,
  type ListStaffQuery,
  type StaffPage,
  type StaffView,
} from './staff.schema.js';

/** Who works here. Nobody is deleted: what they did names them. */
@Injectable()
export class StaffService {
  constructor(
    private readonly transactor: Transactor,
    private readonly staff: StaffRepository,
    private readonly sessions: StaffSessionRepository,
    private readonly audit: Audit,
  ) {}

  async list({ limit, cursor }: ListStaffQuery): Promise<StaffPage> {
    const rows = await this.staff.list(limit + 1, lastIdOf(cursor));
    return pageOf(rows.map(toStaffView), limit, member => [member.id]);
  }

  /** @throws PasswordWeak, UsernameTaken */
  async create(actor: Actor, { username, role, password }: CreateStaffInput): Promise<StaffView> {
    assertStrong(password, username);
    const passwordHash = await hashPassword(password);
    return this.transactor.run(async () => {
      const member = toStaffView(await this.staff.insert({ id: newId(), username, role, passwordHash }));
      await this.audit.record(actor, { action: 'staff.create', target: member.id, after: member });
      return member;
    });
  }

  /** Holds from their next request on. @throws StaffNotFound, LastOwner */
  changeRole(actor: Actor, staffId: string, role: Role): Promise<StaffView> {
    return this.transactor.run(async () => {
      const before = await this.lockKeepingAnOwner(staffId, role);
      await this.staff.setRole(before.id, role);
      return this.changed(actor, 'staff.change-role', before, { role });
    });
  }

  /** Their sessions end with it; somebody who has left already stays so. @throws StaffNotFound, LastOwner */
  deactivate(actor: Actor, staffId: string): Promise<StaffView> {
    return this.transactor.run(async () => {
      const before = await this.lockKeepingAnOwner(staffId, null);
      await this.staff.deactivate(before.id);
      await this.sessions.revokeAllOf(before.id);
      return this.changed(actor, 'staff.deactivate', before, { isActive: false });
    });
  }

  /** Their sessions end with it: whoever knew the old password may be in one of them. @throws StaffNotFound, PasswordWeak */
  async resetPassword(actor: Actor, staffId: string, password: string): Promise<void> {
    const passwordHash = await hashPassword(password);
    await this.transactor.run(async () => {
      const member = await this.staff.lock(staffId);
      if (!member) throw new StaffNotFound();
      assertStrong(password, member.username);
      await this.staff.setPassword(member.id, passwordHash);
      await this.sessions.revokeAllOf(member.id);
      await this.audit.record(actor, { action: 'staff.reset-password', target: member.id });
    });
  }

  /** The owners first, in one order for all: else two owners could remove each other. */
  private async lockKeepingAnOwner(staffId: string, role: Role | null): Promise<StaffMember> {
    const owners = await this.staff.lockActiveOwners();
    const member = await this.staff.lock(staffId);
    if (!member) throw new StaffNotFound();
    if (role !== 'owner' && owners.length === 1 && owners[0] === member.id) throw new LastOwner();
    return member;
  }

  private async changed(
    actor: Actor,
    action: string,
    before: StaffMember,
    change: Partial<StaffMember>,
  ): Promise<StaffView> {
    const after = { ...before, ...change };
    await this.audit.record(actor, { action, target: before.id, before, after });
    return toStaffView(after);
  }
}
