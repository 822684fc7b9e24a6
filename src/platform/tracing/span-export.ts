import { once } from 'node:events';
import { request as overHttp, type IncomingMessage } from 'node:http';
import { request as overHttps } from 'node:https';
import { finished } from 'node:stream/promises';
import { Logger } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { settlesWithin } from '../concurrency/settles-within.js';
import { encodeAttributes, setWallClock, type SpanSink } from './span.js';

export interface Collector {
  /** OTLP over HTTP with JSON. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

/** Half a KiB each. */
const maxWaiting = 8_192;
const batchSize = 512;
const sendEveryMs = 1_000;
const patienceMs = 3_000;
/** What OTLP calls retryable. */
const passing = new Set([429, 502, 503, 504]);

/**
 * Finished spans on their way to the collector: sent in batches, one request at a time, tried again while the collector
 * is away. More than `maxWaiting` are dropped and counted: a slow or dead collector costs spans, never requests.
 */
export class SpanExport implements SpanSink {
  private readonly logger = new Logger(SpanExport.name);
  private readonly timer: NodeJS.Timeout;
  private readonly head: string;
  private waiting: string[] = [];
  private sending: Promise<void> | undefined;
  private isAway = false;

  constructor(
    private readonly collector: Collector,
    private readonly dropped: Counter,
  ) {
    const resource = encodeAttributes({ 'service.name': collector.serviceName });
    this.head = `{"resourceSpans":[{"resource":{"attributes":${resource}},"scopeSpans":[{"scope":{"name":"minnow"},"spans":[`;
    this.timer = setInterval(() => this.tick(), sendEveryMs);
    this.timer.unref();
  }

  add(span: string): void {
    if (this.waiting.length >= maxWaiting) return this.dropped.inc();
    this.waiting.push(span);
    if (this.waiting.length >= batchSize && !this.isAway) this.send();
  }

  /** True when everything has been sent in time. */
  async close(withinMs: number): Promise<boolean> {
    clearInterval(this.timer);
    return (await settlesWithin(this.drain(), withinMs)) && this.waiting.length === 0;
  }

  private async drain(): Promise<void> {
    do {
      this.send();
      await this.sending;
    } while (this.waiting.length > 0 && !this.isAway);
  }

  private tick(): void {
    setWallClock();
    this.send();
  }

  private send(): void {
    if (this.sending || this.waiting.length === 0) return;
    const batch = this.waiting.splice(0, batchSize);
    this.sending = this.post(batch).finally(() => {
      this.sending = undefined;
      if (!this.isAway && this.waiting.length >= batchSize) this.send();
    });
  }

  private async post(batch: readonly string[]): Promise<void> {
    try {
      const statusCode = await this.deliver(`${this.head}${batch.join(',')}]}]}]}`);
      if (passing.has(statusCode)) throw new Error(`the collector answered ${statusCode}`);
      this.isAway = false;
      if (statusCode >= 400) this.drop(batch, `the collector refused them with ${statusCode}`);
    } catch (error) {
      this.keep(batch, error);
    }
  }

  /** By Node's own client: the first request of undici's costs 11 MiB, which a shop without visitors would hold for this. */
  private async deliver(body: string): Promise<number> {
    const { url, headers } = this.collector;
    const request = (url.startsWith('https:') ? overHttps : overHttp)(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
      signal: AbortSignal.timeout(patienceMs),
    });
    request.end(body);
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    await finished(answer.resume());
    return answer.statusCode!;
  }

  private keep(batch: readonly string[], error: unknown): void {
    if (!this.isAway) this.logger.warn({ err: error }, 'spans wait for the collector');
    this.isAway = true;
    const room = maxWaiting - this.waiting.length;
    this.waiting.unshift(...batch.slice(0, room));
    if (batch.length > room) this.dropped.inc(batch.length - room);
  }

  private drop(batch: readonly string[], why: string): void {
    this.dropped.inc(batch.length);
    this.logger.warn(`${batch.length} spans were dropped: ${why}`);
  }
}
