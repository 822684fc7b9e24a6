import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Buckets, type Allowance, type Bucket } from './buckets.js';
import type { LimitName } from './limit-name.js';
import { RateLimitConfig } from './rate-limit.config.js';
import { TooManyRequests } from './rate-limit.errors.js';
import { SharedUsage, type Usage } from './shared-usage.js';

/** Whoever has used more of an allowance than this part of it is worth telling the other processes about. */
const worthTelling = 0.1;

/** One subject of one limit that the other processes are to hear of. */
interface News {
  readonly name: string;
  readonly bucket: Bucket;
  readonly windowMs: number;
}

/**
 * Rate limits. Promise: `take` decides from this process's memory and waits for nothing, whatever Redis does. Who asks
 * for much is told to the other processes every `limit.shareInterval`, in one call at a time; until it is, each process
 * knows its own requests only, so that n processes admit at most n times an allowance, and that only while Redis is
 * away or within the first interval.
 */
@Injectable()
export class RateLimits implements OnApplicationShutdown {
  private readonly logger = new Logger(RateLimits.name);
  private readonly buckets: Readonly<Record<LimitName, Buckets>>;
  private readonly refused: Counter<'limit'>;
  private readonly untold: Counter;
  private readonly news = new Map<string, News>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: RateLimitConfig,
    private readonly shared: SharedUsage,
  ) {
    const { address, login, caller, order, subjects } = config;
    const bucketsOf = (allowance: Allowance) => new Buckets(allowance, subjects);
    this.buckets = {
      address: bucketsOf(address),
      login: bucketsOf(login),
      caller: bucketsOf(caller),
      order: bucketsOf(order),
    };
    this.refused = new Counter({
      name: 'rate_limit_refused_requests_total',
      help: 'Requests answered 429 because of a rate limit, by limit',
      labelNames: ['limit'],
    });
    this.untold = new Counter({
      name: 'rate_limit_share_failures_total',
      help: 'Times that Redis did not take what this process has counted: limits were local meanwhile',
    });
    measureSubjects(this.buckets);
  }

  /** Counts a request; the error to refuse it with if there have been too many. */
  take(limit: LimitName, subject: string): TooManyRequests | null {
    const buckets = this.buckets[limit];
    const bucket = buckets.of(subject);
    const nowMs = performance.now();
    const waitMs = buckets.take(bucket, nowMs);
    if (waitMs > 0) {
      this.refused.inc({ limit });
      return new TooManyRequests(limit, buckets.allowance, waitMs);
    }
    const { windowMs } = buckets.allowance;
    if (bucket.freshAtMs - nowMs > worthTelling * windowMs)
      this.tell({ name: `${limit}:${subject}`, bucket, windowMs });
    return null;
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
  }

  /** Whoever finds no place is told of with one of the next requests. */
  private tell(news: News): void {
    if (this.news.size < this.config.shareBatch) this.news.set(news.name, news);
    this.shareSoon();
  }

  /** The timer stands until Redis has answered: one call at a time. */
  private shareSoon(): void {
    this.timer ??= setTimeout(() => void this.share(), this.config.shareInterval).unref();
  }

  /** What Redis does not take is not sent again: it may have counted it, and it is about the last moments only. */
  private async share(): Promise<void> {
    const told = [...this.news.values()];
    this.news.clear();
    try {
      const used = await this.shared.add(told.map(tellUsage));
      told.forEach(({ bucket }, index) => learn(bucket, used[index]!));
    } catch (error) {
      this.untold.inc();
      this.logger.debug({ err: error }, 'rate limits are local while Redis is away');
    }
    this.timer = undefined;
    if (this.news.size > 0) this.shareSoon();
  }
}

function tellUsage({ name, bucket, windowMs }: News): Usage {
  // What was used long ago and never told has come back meanwhile.
  const addedMs = Math.max(0, Math.min(bucket.untoldMs, bucket.freshAtMs - performance.now()));
  bucket.untoldMs = 0;
  return { name, addedMs, windowMs };
}

/** Of what all have used, this process may know more: Redis can be emptied, and more was taken meanwhile. */
function learn(bucket: Bucket, usedMs: number): void {
  bucket.freshAtMs = Math.max(bucket.freshAtMs, performance.now() + usedMs + bucket.untoldMs);
}

function measureSubjects(buckets: Readonly<Record<LimitName, Buckets>>): void {
  new Gauge({
    name: 'rate_limit_subjects',
    help: 'Addresses or callers that this process remembers, by limit',
    labelNames: ['limit'],
    collect() {
      for (const [limit, { subjects }] of Object.entries(buckets)) this.set({ limit }, subjects);
    },
  });
}
