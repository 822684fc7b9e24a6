import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks } from '../../platform/queue/periodic-tasks.js';
import { LoginThrottleRepository } from './credential/login-throttle.repository.js';
import { StaffSessionRepository } from './session/staff-session.repository.js';

/** Deletes what has expired; the audit log does not. */
@Injectable()
export class AdminRetention implements OnModuleInit {
  constructor(
    private readonly tasks: PeriodicTasks,
    private readonly sessions: StaffSessionRepository,
    private readonly failures: LoginThrottleRepository,
  ) {}

  onModuleInit(): void {
    this.tasks.retain('staff-session-retention', limit => this.sessions.deleteExpired(limit));
    this.tasks.retain('staff-login-failure-retention', limit => this.failures.deleteExpired(limit));
  }
}
