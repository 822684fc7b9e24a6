import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Credentials } from './credentials.ts';
import { DeliveryLog, isAck, post } from './delivery.ts';
import type { Delivery, DeliveryStatus } from './delivery.ts';
import type { Faults, NotifyFault } from './faults.ts';
import { asProbe, compose, paymentContent, refundContent } from './notice.ts';
import type { Notice, NoticeContent, NoticeSubject } from './notice.ts';
import type { Refund } from './refund.ts';
import type { Collection } from './state-store.ts';
import type { Trades } from './trades.ts';

const RETRY_AFTER_MS: readonly number[] = [
  ...[15, 15, 30].map(seconds => seconds * SECOND_MS),
  ...[3, 10, 20, 30, 30, 30, 60].map(minutes => minutes * MINUTE_MS),
  ...[3, 3, 3, 6, 6].map(hours => hours * HOUR_MS),
];

interface NotifierParts {
  readonly credentials: Credentials;
  readonly trades: Trades;
  readonly refunds: Collection<Refund>;
  readonly notices: Collection<Notice>;
  readonly faults: Faults;
  readonly now: Clock;
  /** Multiplies the retry clock; a fault plan's own factor goes before it. */
  readonly retryFactor: number;
}

/** Tells the shop of a payment or a refund until it answers 200 or 204, on WeChat Pay's retry clock (24 h 4 min). */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #log: DeliveryLog;
  readonly #retries = new Map<string, NodeJS.Timeout>();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #held: Notice | undefined;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
    this.#log = new DeliveryLog(parts.now);
  }

  /** Settles, never fails, when the first attempt is over. */
  announce(subject: NoticeSubject): Promise<void> {
    return this.#track(this.#announce(this.#open(subject)));
  }

  /** The callback never arrives and is never repeated. */
  lose(subject: NoticeSubject): void {
    this.#lose(this.#open(subject));
  }

  deliveries(): readonly Delivery[] {
    return this.#log.list();
  }

  /** Sends a notice once more, whatever became of it. */
  async redeliver(id: string): Promise<Delivery | undefined> {
    const notice = this.#parts.notices.get(id);
    if (!notice) return undefined;
    await this.#track(this.#attempt(notice, this.#parts.faults.notify() ?? {}));
    return this.#log.list().findLast(delivery => delivery.id === id);
  }

  /** Takes up what an earlier process left undelivered. */
  resume(): void {
    for (const [, notice] of this.#parts.notices.entries())
      if (notice.state === 'pending') this.#schedule(notice);
  }

  /** For a new fault plan: what was held back goes out, waiting retries start over under its factor. */
  rearm(): void {
    if (this.#held) this.#schedule(this.#held);
    this.#held = undefined;
    for (const [id, notice] of this.#parts.notices.entries())
      if (this.#retries.has(id)) this.#schedule(notice);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#retries.values()) clearTimeout(timer);
    await Promise.all(this.#inFlight);
  }

  #open(subject: NoticeSubject): Notice {
    const createdAtMs = this.#parts.now();
    return this.#save({ ...subject, id: randomUUID(), createdAtMs, attempts: 0, state: 'pending' });
  }

  #save(notice: Notice): Notice {
    this.#parts.notices.put(notice.id, notice);
    return notice;
  }

  #lose(notice: Notice): void {
    this.#log.add(notice, 'lost');
    this.#save({ ...notice, state: 'lost' });
  }

  async #announce(notice: Notice): Promise<void> {
    const fault = this.#parts.faults.notify() ?? {};
    const earlier = this.#held;
    if (fault.outOfOrder && !earlier) {
      this.#held = notice;
      this.#log.add(notice, 'held');
      return;
    }
    this.#held = undefined;
    await this.#attempt(notice, fault);
    if (earlier) await this.#attempt(earlier, this.#parts.faults.notify() ?? {});
  }

  async #attempt(notice: Notice, fault: NotifyFault): Promise<void> {
    if (fault.lost) return this.#lose(notice);
    if (fault.delayMs) await this.#pause(fault.delayMs);
    const statuses = await this.#send(notice, fault);
    if (this.#stopping.signal.aborted) return;
    for (const status of statuses) this.#log.add(notice, status);
    this.#conclude({ ...notice, attempts: notice.attempts + 1 }, statuses.some(isAck));
  }

  async #send(notice: Notice, fault: NotifyFault): Promise<DeliveryStatus[]> {
    const { credentials, now } = this.#parts;
    const content = this.#contentOf(notice);
    if (!content) return ['unreachable'];
    const { url } = content;
    const { signal } = this.#stopping;
    const message = () => compose(notice, content, credentials, fault, now());
    if (fault.signTest) this.#log.add(notice, await post(url, asProbe(message()), signal), 'probe');
    return Promise.all(Array.from({ length: fault.duplicate ? 2 : 1 }, () => post(url, message(), signal)));
  }

  #contentOf({ outTradeNo, refund: about }: Notice): NoticeContent | undefined {
    const trade = this.#parts.trades.find(outTradeNo);
    if (!about) return trade && paymentContent(trade);
    const refund = this.#parts.refunds.get(about.outRefundNo);
    return trade && refund && refundContent(refund, trade, about.status);
  }

  #conclude(notice: Notice, acked: boolean): void {
    // Another delivery of the same notice may have been acknowledged meanwhile.
    const isDone = acked || this.#parts.notices.get(notice.id)?.state === 'acked';
    const isLast = notice.attempts > RETRY_AFTER_MS.length;
    const state = isDone ? 'acked' : isLast ? 'given-up' : 'pending';
    this.#disarm(notice.id);
    this.#save({ ...notice, state });
    if (state === 'pending') this.#schedule(notice);
  }

  #schedule(notice: Notice): void {
    this.#disarm(notice.id);
    const factor = this.#parts.faults.retryFactor ?? this.#parts.retryFactor;
    const waitMs = (RETRY_AFTER_MS[notice.attempts - 1] ?? 0) * factor;
    this.#retries.set(
      notice.id,
      setTimeout(() => this.#retry(notice), waitMs),
    );
  }

  #retry(notice: Notice): void {
    this.#retries.delete(notice.id);
    void this.#track(this.#attempt(notice, this.#parts.faults.notify() ?? {}));
  }

  #disarm(id: string): void {
    clearTimeout(this.#retries.get(id));
    this.#retries.delete(id);
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#inFlight.add(work);
    try {
      await work;
    } finally {
      this.#inFlight.delete(work);
    }
  }
}
