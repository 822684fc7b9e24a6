import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, request } from 'undici';
import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Drain } from '../lifecycle/drain.js';
import { currentTraceparent } from '../tracing/request-context.js';
import { WechatConfig } from './wechat.config.js';
import { TooManyWechatCalls, WechatUnavailable } from './wechat-error.js';

export interface WechatRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface WechatAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The bytes as they came: signatures are over these. */
  readonly body: Buffer;
}

/** The largest answer that is read; WeChat's own are some kilobytes. */
const maxAnswerBytes = 1024 * 1024;
/** The largest bill that is read: some 200,000 payments. */
export const maxBillBytes = 64 * 1024 * 1024;
const repeatPauseMs = 100;
/** So many calls in a row without an answer, the last one so recently, and WeChat counts as away. */
const awayAfterFailures = 3;

/**
 * The connections to one of WeChat's servers. Promise: `send` settles within the time left of its deadline, from
 * connecting to the last byte; at most `wechat.maxInFlight` calls are under way and one more is refused at once;
 * redirects are not followed.
 */
// Decorated, because Nest reads the constructor's types where the constructor stands.
@Injectable()
export abstract class WechatHttp implements OnApplicationShutdown {
  private readonly agent: Agent;
  private inFlight = 0;
  private failuresInARow = 0;
  private lastFailureAt = -Infinity;

  constructor(
    private readonly config: WechatConfig,
    private readonly drain: Drain,
  ) {
    const longestMs = Math.max(config.requestTimeout, config.loginTimeout, config.billTimeout);
    this.agent = new Agent({
      connect: { timeout: config.connectTimeout },
      connections: config.maxInFlight,
      keepAliveTimeout: 4_000,
      headersTimeout: longestMs,
      bodyTimeout: longestMs,
      maxResponseSize: this.maxAnswerBytes,
    });
  }

  protected get maxAnswerBytes(): number {
    return maxAnswerBytes;
  }

  /** What the last calls say; nobody calls WeChat only to find out. */
  get isReachable(): boolean {
    return (
      this.failuresInARow < awayAfterFailures || performance.now() - this.lastFailureAt > this.config.awayFor
    );
  }

  /** @throws WechatUnavailable for everything that is not an HTTP answer; TooManyWechatCalls above the limit. */
  async send(message: WechatRequest, deadline: Deadline): Promise<WechatAnswer> {
    if (this.inFlight >= this.config.maxInFlight) throw new TooManyWechatCalls();
    if (deadline.leftMs() === 0) throw new WechatUnavailable('no time is left to ask WeChat');
    this.inFlight++;
    try {
      const answer = await this.exchange(message, deadline);
      this.failuresInARow = 0;
      return answer;
    } catch (cause) {
      this.failuresInARow++;
      this.lastFailureAt = performance.now();
      throw new WechatUnavailable('WeChat did not answer', { cause });
    } finally {
      this.inFlight--;
    }
  }

  private async exchange({ url, ...options }: WechatRequest, deadline: Deadline): Promise<WechatAnswer> {
    const signal = AbortSignal.timeout(deadline.leftMs());
    const traceparent = currentTraceparent();
    const { statusCode, headers, body } = await request(url, {
      ...options,
      headers: { ...options.headers, ...(traceparent === undefined ? {} : { traceparent }) },
      signal,
      dispatcher: this.agent,
    });
    return { status: statusCode, headers, body: Buffer.from(await body.arrayBuffer()) };
  }

  /** A sweep that is under way may need another call to finish the order it is at. */
  async onApplicationShutdown(): Promise<void> {
    await this.drain.finished();
    await this.agent.close();
  }
}

/** To api.weixin.qq.com. On its own, so that a WeChat Pay that hangs cannot use up the calls that logins need. */
@Injectable()
export class ApiHttp extends WechatHttp {}

/** To WeChat Pay. */
@Injectable()
export class PayHttp extends WechatHttp {}

/** To WeChat Pay for its bills, whose size has another measure. */
@Injectable()
export class BillHttp extends WechatHttp {
  protected override get maxAnswerBytes(): number {
    return maxBillBytes;
  }
}

/** One budget of time for an operation and its repeat. Monotonic. */
export class Deadline {
  private readonly endsAt: number;

  constructor(timeoutMs: number) {
    this.endsAt = performance.now() + timeoutMs;
  }

  leftMs(): number {
    return Math.max(0, Math.floor(this.endsAt - performance.now()));
  }
}

/** The outcome of work that others wait for too: it goes on, but this caller waits no longer than it may. */
export async function waitUntil<T>(deadline: Deadline, shared: Promise<T>, what: string): Promise<T> {
  const over = new AbortController();
  const tooLate = sleep(deadline.leftMs(), undefined, { signal: over.signal }).then(() => {
    throw new WechatUnavailable(`no time is left to wait for ${what}`);
  });
  try {
    return await Promise.race([shared, tooLate]);
  } finally {
    over.abort();
  }
}

/**
 * Runs `attempt` and, while time is left, once more when `mayRepeat` says that its failure may pass. Our own limit is
 * never tried twice: when it is reached, every repeat would keep it so.
 */
export async function repeatOnce<T>(
  deadline: Deadline,
  mayRepeat: (error: unknown) => boolean,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    const pauseMs = repeatPauseMs * (0.5 + Math.random());
    const isOurLimit = error instanceof TooManyWechatCalls;
    if (isOurLimit || !mayRepeat(error) || deadline.leftMs() < 2 * pauseMs) throw error;
    await sleep(pauseMs);
    return attempt();
  }
}
