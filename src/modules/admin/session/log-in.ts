import { Injectable } from '@nestjs/common';
import { newId } from '../../../kernel/id.js';
import { Transactor } from '../../../platform/database/transactor.js';
import { AdminConfig } from '../admin.config.js';
import { LoginRefused } from '../admin.errors.js';
import { Audit } from '../audit/audit.js';
import { CredentialCheck, type Credentials } from '../credential/credential-check.js';
import type { StaffCredential } from '../staff/staff.repository.js';
import type { Origin } from './actor.js';
import type { SessionAnswer } from './session.schema.js';
import { StaffSessionRepository } from './staff-session.repository.js';
import { StaffTokenSigner } from './staff-token.js';

/** Opens a session of a member of staff. There is nothing to refresh it with: who works on logs in again. */
@Injectable()
export class StaffLogIn {
  constructor(
    private readonly check: CredentialCheck,
    private readonly transactor: Transactor,
    private readonly sessions: StaffSessionRepository,
    private readonly tokens: StaffTokenSigner,
    private readonly audit: Audit,
    private readonly config: AdminConfig,
  ) {}

  /** @throws LoginRefused, LoginThrottled, PasswordsBusy */
  async execute(credentials: Credentials, origin: Origin): Promise<SessionAnswer> {
    const member = await this.check.execute(credentials, origin.ip);
    if (!member) throw new LoginRefused();
    return this.open(member, origin);
  }

  private open(member: StaffCredential, origin: Origin): Promise<SessionAnswer> {
    const { id, username, role } = member;
    const { sessionTtl } = this.config;
    const sessionId = newId();
    return this.transactor.run(async () => {
      if (!(await this.sessions.open(sessionId, member, sessionTtl))) throw new LoginRefused();
      const actor = { staffId: id, username, role, sessionId, ...origin };
      await this.audit.record(actor, { action: 'session.open', target: id });
      const accessToken = this.tokens.sign({ staffId: id, sessionId });
      return { accessToken, expiresInSeconds: Math.floor(sessionTtl / 1_000), staff: { id, username, role } };
    });
  }
}
