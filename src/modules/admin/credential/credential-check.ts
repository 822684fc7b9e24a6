import { Injectable } from '@nestjs/common';
import { PasswordsBusy } from '../admin.errors.js';
import { StaffRepository, type StaffCredential } from '../staff/staff.repository.js';
import { LoginThrottle } from './login-throttle.js';
import { matchesHash, nobodysHash } from './password-hash.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Half of libuv's four threads: files are read and names looked up on them too. */
const mostAtOnce = 2;

/** Whose password it is. Unknown names, wrong passwords and people who have left take the same time and say the same. */
@Injectable()
export class CredentialCheck {
  private running = 0;

  constructor(
    private readonly staff: StaffRepository,
    private readonly throttle: LoginThrottle,
  ) {}

  /** Null when it is not right. @throws LoginThrottled, PasswordsBusy */
  async execute(credentials: Credentials, ip: string): Promise<StaffCredential | null> {
    if (this.running >= mostAtOnce) throw new PasswordsBusy();
    this.running += 1;
    try {
      return await this.check(credentials, ip);
    } finally {
      this.running -= 1;
    }
  }

  private async check({ username, password }: Credentials, ip: string): Promise<StaffCredential | null> {
    const attempt = await this.throttle.admit(username, ip);
    const member = await this.staff.findCredential(username);
    const isRight = await matchesHash(password, member?.passwordHash ?? nobodysHash);
    if (!member?.isActive || !isRight) return null;
    await this.throttle.forgive(attempt);
    return member;
  }
}
