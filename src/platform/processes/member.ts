import cluster, { type Worker } from 'node:cluster';
import { settlesWithin } from '../concurrency/settles-within.js';
import { HandedOver } from './handed-over.js';
import type { Metrics, News, Question } from './messages.js';

/** How a process has ended, and what it leaves. */
export interface Ending {
  readonly pid: number | undefined;
  readonly code: number | null;
  readonly signal: string | null;
  /** Undefined when it had not got that far. */
  readonly servedMs: number | undefined;
  /** As it told them last. */
  readonly metrics: Metrics;
}

/** One place in the crew. Its number stays when the process that holds it is replaced. */
export class Member {
  /** Consecutive processes that died young. */
  failures = 0;
  /** As its process told them last; of one that has just started none. */
  metrics: Metrics = [];
  private worker: Worker | undefined;
  private handedOver: HandedOver | undefined;
  private isShut = false;
  private servingSinceMs: number | undefined;
  private unanswered = 0;
  private telling: PromiseWithResolvers<void> | undefined;

  constructor(
    readonly number: number,
    private readonly onServing: (member: Member) => void,
    private readonly onShut: (member: Member) => void,
    private readonly onEnd: (member: Member, ending: Ending) => void,
  ) {}

  get pid(): number | undefined {
    return this.worker?.process.pid;
  }

  get isRunning(): boolean {
    return this.worker !== undefined;
  }

  /** Whether connections can be handed to it, now or when it has started. */
  get isOpen(): boolean {
    return this.isRunning && !this.isShut;
  }

  get isServing(): boolean {
    return this.servingSinceMs !== undefined;
  }

  start(): void {
    const worker = cluster.fork();
    this.worker = worker;
    this.handedOver = new HandedOver(worker.process);
    this.isShut = false;
    this.unanswered = 0;
    worker.on('error', () => {
      // Either there was no room for a process, or a message to one that has just ended got lost.
      if (worker.process.pid === undefined) this.end(1, null);
    });
    worker.on('message', (news: News) => this.hear(news));
    worker.once('exit', (code: number | null, signal: string | null) => this.end(code, signal));
  }

  signal(signal: NodeJS.Signals): void {
    this.worker?.process.kill(signal);
  }

  /** What it has not taken by now it never will. */
  closeHandedOver(): void {
    this.handedOver?.close();
  }

  /** Asks whether it is alive. Returns how often in a row it was asked before and has said nothing. */
  poke(): number {
    this.ask({ ask: 'alive' });
    return this.unanswered++;
  }

  /** Brings `metrics` up to date, if its process tells them in time. One that is slow is not asked twice. */
  async refreshMetrics(timeoutMs: number): Promise<void> {
    if (!this.worker) return;
    if (!this.telling) {
      this.telling = Promise.withResolvers();
      this.ask({ ask: 'metrics' });
    }
    await settlesWithin(this.telling.promise, timeoutMs);
  }

  private ask(question: Question): void {
    if (this.worker?.isConnected()) this.worker.send(question, () => undefined);
  }

  private hear(news: News): void {
    this.unanswered = 0;
    if (news.tell === 'serving') {
      this.servingSinceMs = performance.now();
      this.onServing(this);
    }
    if (news.tell === 'shut') {
      this.isShut = true;
      this.onShut(this);
    }
    if (news.tell === 'metrics') {
      // One that is about to end has forgotten what it counted.
      if (news.metrics.length > 0) this.metrics = news.metrics;
      this.told();
    }
  }

  private told(): void {
    this.telling?.resolve();
    this.telling = undefined;
  }

  private end(code: number | null, signal: string | null): void {
    if (!this.worker) return;
    const { pid, metrics, servingSinceMs } = this;
    const servedMs = servingSinceMs === undefined ? undefined : performance.now() - servingSinceMs;
    this.closeHandedOver();
    this.worker = undefined;
    this.servingSinceMs = undefined;
    this.metrics = [];
    this.told();
    this.onEnd(this, { pid, code, signal, servedMs, metrics });
  }
}
