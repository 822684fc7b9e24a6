import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { newId } from '../../kernel/id.js';
import { Drain } from '../lifecycle/drain.js';
import { runInContext } from '../tracing/request-context.js';
import { SpanKind } from '../tracing/span.js';
import { startWork } from '../tracing/spans.js';
import { QueueConfig } from './queue.config.js';

const retentionSlice = 1_000;
export const taskFailuresMetric = 'periodic_task_failures_total';

/** Looks at the signal between items: a process on its way out must not wait for a long run. */
export type TaskWork = (stopping: AbortSignal) => Promise<void>;

interface Task {
  readonly name: string;
  readonly intervalMs: number;
  readonly work: TaskWork;
  timer?: NodeJS.Timeout;
  running?: Promise<void>;
  again: boolean;
}

/**
 * Work that must go on even if every queue is lost: it needs PostgreSQL only, and any number of processes may run it
 * at once. A task never overlaps itself in one process; a failed run is counted, logged and simply comes again.
 */
@Injectable()
export class PeriodicTasks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(PeriodicTasks.name);
  private readonly tasks = new Map<string, Task>();
  private readonly stopping = new AbortController();
  private started = false;

  constructor(
    private readonly config: QueueConfig,
    private readonly drain: Drain,
    @InjectMetric(taskFailuresMetric) private readonly failures: Counter<'task'>,
  ) {}

  every(name: string, intervalMs: number, work: TaskWork): void {
    this.tasks.set(name, { name, intervalMs, work, again: false });
  }

  /** Deletes what has expired, in slices: no long transaction, and no backlog that grows faster than it is removed. */
  retain(name: string, deleteSlice: (limit: number) => Promise<number>): void {
    this.every(name, this.config.sweepInterval, async stopping => {
      while (!stopping.aborted && (await deleteSlice(retentionSlice)) === retentionSlice);
    });
  }

  /** Runs the task now; if it is running already, once more right after. */
  wake(name: string): void {
    const task = this.tasks.get(name);
    if (!task || !this.started) return;
    if (task.running) task.again = true;
    else this.start(task);
  }

  onApplicationBootstrap(): void {
    if (!this.config.consume) return;
    this.started = true;
    for (const task of this.tasks.values()) this.schedule(task);
  }

  /** Does not wait: requests must not be kept from ending by a sweep. PostgreSQL waits for it instead. */
  beforeApplicationShutdown(): void {
    this.started = false;
    this.stopping.abort();
    for (const { timer, running } of this.tasks.values()) {
      clearTimeout(timer);
      if (running) this.drain.hold(running);
    }
  }

  private schedule(task: Task): void {
    // Jitter keeps many processes from asking at the same moment.
    const delayMs = task.again ? 0 : task.intervalMs * (0.9 + Math.random() * 0.2);
    task.again = false;
    task.timer = setTimeout(() => this.start(task), delayMs);
  }

  private start(task: Task): void {
    clearTimeout(task.timer);
    task.running = this.once(task).finally(() => {
      delete task.running;
      if (this.started) this.schedule(task);
    });
  }

  private async once(task: Task): Promise<void> {
    const context = startWork(task.name, SpanKind.internal, newId(), undefined);
    try {
      await runInContext(context, () => task.work(this.stopping.signal));
    } catch (error) {
      context.span?.fail(error);
      this.failures.inc({ task: task.name });
      this.logger.warn({ err: error, task: task.name }, 'periodic task failed; it will run again');
    } finally {
      context.span?.end();
    }
  }
}
