import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { AdminConfig } from '../admin.config.js';
import { LoginThrottled } from '../admin.errors.js';
import { LoginThrottleRepository, type FailureLimit } from './login-throttle.repository.js';
import { networkOf } from '../../../platform/http/limit/network-of.js';

/** An attempt that counts as failed until it is forgiven: a crash in between must not be a free try. */
export interface Attempt {
  readonly username: Buffer;
  readonly address: Buffer;
  readonly at: string;
}

/**
 * How often a password may be guessed: by username, so that one account does not fall to many addresses, and by
 * address, so that one machine does not try many accounts. Counted in PostgreSQL, before the password is looked at.
 */
@Injectable()
export class LoginThrottle {
  constructor(
    private readonly transactor: Transactor,
    private readonly failures: LoginThrottleRepository,
    private readonly config: AdminConfig,
  ) {}

  /** One that is not admitted does not count. @throws LoginThrottled with the time until the next one would be */
  async admit(username: string, ip: string): Promise<Attempt> {
    const { loginFailures, addressLoginFailures, loginWindow: windowMs } = this.config;
    const address = subjectOf('address', networkOf(ip));
    const name = subjectOf('username', username);
    return this.transactor.run(async () => {
      await this.add({ subject: address, limit: addressLoginFailures, windowMs });
      const at = await this.add({ subject: name, limit: loginFailures, windowMs });
      return { username: name, address, at };
    });
  }

  /** The password was right: the name starts afresh. The address does not, or an account of one's own would clear it. */
  async forgive({ username, address, at }: Attempt): Promise<void> {
    await this.transactor.run(async () => {
      await this.failures.take(address, at);
      await this.failures.forget(username);
    });
  }

  private async add(limit: FailureLimit): Promise<string> {
    const at = await this.failures.add(limit);
    if (at === null) throw new LoginThrottled(await this.failures.secondsLeft(limit));
    return at;
  }
}

/** As a hash: people type their password where the name belongs. */
function subjectOf(kind: string, text: string): Buffer {
  return createHash('sha256').update(`${kind}\n${text}`).digest();
}
