import { Injectable, Logger, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import { DatabaseProbe } from '../database/database-probe.js';
import { Drain } from '../lifecycle/drain.js';
import { EvictionWatch } from '../queue/eviction-watch.js';
import { JobQueues } from '../queue/job-queues.js';
import { RedisConnection } from '../redis/redis-connection.js';
import { MiniProgramClient } from '../wechat/mini-program/mini-program-client.js';
import { PayClient } from '../wechat/pay/pay-client.js';

export type HealthReport = Pick<HealthCheckResult, 'status' | 'details'>;

const probeTimeoutMs = 1_000;
/** Balancers may probe as often as they like: PostgreSQL is asked at most once a second. */
const cachedForMs = 1_000;

/** What the shop can do without for a while. Each knows its own state, so that asking costs nothing. */
@Injectable()
export class OptionalServices {
  constructor(
    private readonly redis: RedisConnection,
    private readonly queues: JobQueues,
    private readonly eviction: EvictionWatch,
    private readonly miniProgram: MiniProgramClient,
    private readonly pay: PayClient,
  ) {}

  /** Empty: nothing is wrong with it. */
  all(): readonly { readonly name: string; readonly trouble: string }[] {
    return [
      { name: 'redis', trouble: unreachableUnless(this.redis.isReady) },
      {
        name: 'queue',
        trouble: unreachableUnless(this.queues.areReachable) || (this.eviction.mayEvict ? mayEvict : ''),
      },
      { name: 'wechat', trouble: unreachableUnless(this.miniProgram.isReachable && this.pay.isReachable) },
    ];
  }
}

const mayEvict = 'jobs may be evicted; they come again, late';

function unreachableUnless(isUp: boolean): string {
  return isUp ? '' : 'unreachable; the shop goes on without it';
}

/**
 * Whether traffic should come here: PostgreSQL and its schema decide, Redis only degrades. The answer is public, so
 * the reason goes to the log, once each time it changes.
 */
@Injectable()
export class Readiness {
  private readonly logger = new Logger(Readiness.name);
  private loggedReason = '';

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: DatabaseProbe,
    private readonly optional: OptionalServices,
    private readonly drain: Drain,
  ) {}

  async check(): Promise<HealthReport> {
    if (this.drain.isDraining) return { status: 'shutting_down', details: {} };
    const { status, details } = await this.health
      .check([() => this.checkDatabase(), ...this.optionalChecks()])
      .catch(failed);
    return { status, details };
  }

  private checkDatabase() {
    return this.indicators
      .check('postgres')
      .attempt(async () => {
        const reason = await this.whyNotReady();
        this.logChange(reason);
        if (reason !== '') throw new Error('unavailable');
      })
      .withTimeout(probeTimeoutMs + 500)
      .cacheFor(cachedForMs);
  }

  /** Empty when PostgreSQL and its schema are there. */
  private async whyNotReady(): Promise<string> {
    try {
      const pending = await this.database.pendingMigrations(probeTimeoutMs);
      return pending.length > 0 ? `migrations are missing: ${pending.join(', ')}` : '';
    } catch (error) {
      return `PostgreSQL does not answer: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  private logChange(reason: string): void {
    if (reason !== '' && reason !== this.loggedReason) this.logger.warn(`not ready: ${reason}`);
    this.loggedReason = reason;
  }

  private optionalChecks() {
    return this.optional.all().map(({ name, trouble }) => () => {
      const indicator = this.indicators.check(name);
      return trouble === '' ? indicator.up() : indicator.degraded(trouble);
    });
  }
}

/** Terminus throws its report when a check is down. */
function failed(error: unknown): HealthReport {
  if (error instanceof ServiceUnavailableException) return error.getResponse() as HealthReport;
  throw error;
}
