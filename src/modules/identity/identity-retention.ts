import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks } from '../../platform/queue/periodic-tasks.js';
import { QueueConfig } from '../../platform/queue/queue.config.js';
import { LoginCodeRepository } from './session/login-code.repository.js';
import { SessionRepository } from './session/session.repository.js';

/** Longer than a code lives at WeChat (5 minutes): what we remember as spent is refused without waiting for a twin. */
const loginCodesKeptMs = 10 * 60_000;
const slice = 1_000;

/** Deletes what has expired, a slice at a time. */
@Injectable()
export class IdentityRetention implements OnModuleInit {
  constructor(
    private readonly tasks: PeriodicTasks,
    private readonly queue: QueueConfig,
    private readonly loginCodes: LoginCodeRepository,
    private readonly sessions: SessionRepository,
  ) {}

  onModuleInit(): void {
    this.tasks.every('identity-retention', this.queue.sweepInterval, () => this.clean());
  }

  private async clean(): Promise<void> {
    await this.loginCodes.deleteOlderThan(loginCodesKeptMs, slice);
    await this.sessions.deleteExpired(slice);
  }
}
