import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { PasswordWrong } from '../admin.errors.js';
import { Audit } from '../audit/audit.js';
import { CredentialCheck } from '../credential/credential-check.js';
import { hashPassword } from '../credential/password-hash.js';
import { assertStrong } from '../credential/password-policy.js';
import { StaffRepository } from '../staff/staff.repository.js';
import type { Actor } from './actor.js';
import type { ChangePasswordInput } from './session.schema.js';
import { StaffSessionRepository } from './staff-session.repository.js';

/** What members of staff do with their own account. */
@Injectable()
export class AccountService {
  constructor(
    private readonly transactor: Transactor,
    private readonly check: CredentialCheck,
    private readonly staff: StaffRepository,
    private readonly sessions: StaffSessionRepository,
    private readonly audit: Audit,
  ) {}

  async logOut(actor: Actor): Promise<void> {
    await this.transactor.run(async () => {
      await this.sessions.revoke(actor.sessionId);
      await this.audit.record(actor, { action: 'session.close', target: actor.staffId });
    });
  }

  /**
   * The other sessions end, this one goes on. The current password is asked for, and guessing it is throttled as
   * logging in is: the token may be in a stranger's hands.
   * @throws PasswordWeak, PasswordWrong, LoginThrottled, PasswordsBusy
   */
  async changePassword(actor: Actor, { currentPassword, newPassword }: ChangePasswordInput): Promise<void> {
    const { staffId, username } = actor;
    assertStrong(newPassword, username);
    const member = await this.check.execute({ username, password: currentPassword }, actor.ip);
    if (!member) throw new PasswordWrong();
    const passwordHash = await hashPassword(newPassword);
    await this.transactor.run(async () => {
      // An owner may have reset it meanwhile, to keep out whoever is asking here.
      if (!(await this.staff.replacePassword(member, passwordHash))) throw new PasswordWrong();
      await this.sessions.revokeAllOf(staffId, actor.sessionId);
      await this.audit.record(actor, { action: 'account.change-password', target: staffId });
    });
  }
}
