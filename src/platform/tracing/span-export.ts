import { once } from 'node:events';
import { request as overHttp, type IncomingMessage } from 'node:http';
import { request as overHttps } from 'node:https';
import { finished } from 'node:stream/promises';
import { Logger } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { settlesWithin } from '../concurrency/settles-within.js';
import { TextBuffer } from '../../kernel/text-buffer.js';
import { encodeAttributes, setWallClock, type SpanSink } from './span.js';

export interface Collector {
  /** OTLP over HTTP with JSON. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

/** Some 800 spans. */
const batchBytes = 524_288;
const maxWaiting = 8;
const sendEveryMs = 1_000;
const patienceMs = 3_000;
const tail = Buffer.from(']}]}]}');
/** Spans as they are sent, each with a comma before it. */
interface Batch {
  readonly spans: Buffer;
  readonly count: number;
}

/** What OTLP calls retryable. */
const passing = new Set([429, 502, 503, 504]);

/**
 * Finished spans on their way to the collector: sent in batches, one request at a time, tried again while the collector
 * is away. More than `maxWaiting` are dropped and counted: a slow or dead collector costs spans, never requests.
 */
export class SpanExport implements SpanSink {
  private readonly logger = new Logger(SpanExport.name);
  private readonly timer: NodeJS.Timeout;
  private readonly head: Buffer;
  private readonly gathered = new TextBuffer(batchBytes);
  private readonly waiting: Batch[] = [];
  private sending: Promise<void> | undefined;
  private isAway = false;

  constructor(
    private readonly collector: Collector,
    private readonly dropped: Counter,
  ) {
    const resource = encodeAttributes({ 'service.name': collector.serviceName });
    this.head = Buffer.from(
      `{"resourceSpans":[{"resource":{"attributes":${resource}},"scopeSpans":[{"scope":{"name":"minnow"},"spans":[`,
    );
    this.timer = setInterval(() => this.tick(), sendEveryMs);
    this.timer.unref();
  }

  add(span: string): void {
    const item = `,${span}`;
    if (this.gathered.add(item)) return;
    if (this.waiting.length >= maxWaiting) return this.dropped.inc();
    this.closeBatch();
    if (!this.gathered.add(item)) this.dropped.inc();
    if (!this.isAway) this.send();
  }

  /** True when everything has been sent in time. */
  async close(withinMs: number): Promise<boolean> {
    clearInterval(this.timer);
    return (await settlesWithin(this.drain(), withinMs)) && this.waiting.length === 0;
  }

  private async drain(): Promise<void> {
    this.closeBatch();
    do {
      this.send();
      await this.sending;
    } while (this.waiting.length > 0 && !this.isAway);
  }

  private tick(): void {
    setWallClock();
    if (this.waiting.length === 0) this.closeBatch();
    this.send();
  }

  private closeBatch(): void {
    const { count } = this.gathered;
    if (count > 0) this.waiting.push({ count, spans: this.gathered.take() });
  }

  private send(): void {
    const [batch] = this.waiting;
    if (this.sending || !batch) return;
    this.sending = this.post(batch).finally(() => {
      this.sending = undefined;
      if (!this.isAway) this.send();
    });
  }

  /** One that could not be sent stays the first. */
  private async post(batch: Batch): Promise<void> {
    try {
      const statusCode = await this.deliver(batch);
      if (passing.has(statusCode)) throw new Error(`the collector answered ${statusCode}`);
      this.isAway = false;
      this.waiting.shift();
      if (statusCode >= 400) this.drop(batch, `the collector refused them with ${statusCode}`);
    } catch (error) {
      if (!this.isAway) this.logger.warn({ err: error }, 'spans wait for the collector');
      this.isAway = true;
    }
  }

  /** By Node's own client: the first request of undici's costs 11 MiB, which a shop without visitors would hold for this. */
  private async deliver({ spans }: Batch): Promise<number> {
    const { url, headers } = this.collector;
    const body = Buffer.concat([this.head, spans.subarray(1), tail]);
    const request = (url.startsWith('https:') ? overHttps : overHttp)(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': body.length },
      signal: AbortSignal.timeout(patienceMs),
    });
    request.end(body);
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    await finished(answer.resume());
    return answer.statusCode!;
  }

  private drop({ count }: Batch, why: string): void {
    this.dropped.inc(count);
    this.logger.warn(`${count} spans were dropped: ${why}`);
  }
}
