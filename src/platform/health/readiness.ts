import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import { DatabaseProbe } from '../database/database-probe.js';
import { Drain } from '../lifecycle/drain.js';
import { JobQueues } from '../queue/job-queues.js';
import { RedisConnection } from '../redis/redis-connection.js';

export type HealthReport = Pick<HealthCheckResult, 'status' | 'details'>;

const probeTimeoutMs = 1_000;
/** Balancers may probe as often as they like: PostgreSQL is asked at most once a second. */
const cachedForMs = 1_000;

/** Whether traffic should come here: PostgreSQL and its schema decide, Redis only degrades. */
@Injectable()
export class Readiness {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: DatabaseProbe,
    private readonly redis: RedisConnection,
    private readonly queues: JobQueues,
    private readonly drain: Drain,
  ) {}

  async check(): Promise<HealthReport> {
    if (this.drain.isDraining) return { status: 'shutting_down', details: {} };
    try {
      return await this.health.check([
        () => this.checkDatabase(),
        () => this.optional('redis', this.redis.isReady),
        () => this.optional('queue', this.queues.areReachable),
      ]);
    } catch (error) {
      if (error instanceof ServiceUnavailableException) return error.getResponse() as HealthReport;
      throw error;
    }
  }

  private checkDatabase() {
    return this.indicators
      .check('postgres')
      .attempt(async () => {
        const pending = await this.database.pendingMigrations(probeTimeoutMs);
        if (pending.length > 0) throw new Error(`migrations are missing: ${pending.join(', ')}`);
      })
      .withTimeout(probeTimeoutMs + 500)
      .cacheFor(cachedForMs);
  }

  private optional(name: string, up: boolean) {
    const indicator = this.indicators.check(name);
    return up ? indicator.up() : indicator.degraded('unreachable; the shop goes on without it');
  }
}
