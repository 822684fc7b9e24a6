import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks } from '../../platform/queue/periodic-tasks.js';
import { AuthAnswerRepository } from './session/auth-answer.repository.js';
import { SessionRepository } from './session/session.repository.js';

/** Longer than a code lives at WeChat (5 minutes): what we remember as spent is refused without asking WeChat. */
const authAnswersKeptMs = 10 * 60_000;

/** Deletes what has expired. */
@Injectable()
export class IdentityRetention implements OnModuleInit {
  constructor(
    private readonly tasks: PeriodicTasks,
    private readonly authAnswers: AuthAnswerRepository,
    private readonly sessions: SessionRepository,
  ) {}

  onModuleInit(): void {
    this.tasks.retain('auth-answer-retention', limit =>
      this.authAnswers.deleteOlderThan(authAnswersKeptMs, limit),
    );
    this.tasks.retain('refresh-token-retention', limit => this.sessions.deleteExpiredTokens(limit));
    this.tasks.retain('session-retention', limit => this.sessions.deleteExpired(limit));
  }
}
