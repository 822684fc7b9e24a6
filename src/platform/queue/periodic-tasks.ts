import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { newId } from '../../kernel/id.js';
import { runInContext } from '../tracing/request-context.js';
import { startWork } from '../tracing/spans.js';
import { QueueConfig } from './queue.config.js';

export const taskFailuresMetric = 'periodic_task_failures_total';

interface Task {
  readonly name: string;
  readonly intervalMs: number;
  readonly work: () => Promise<void>;
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
  private started = false;

  constructor(
    private readonly config: QueueConfig,
    @InjectMetric(taskFailuresMetric) private readonly failures: Counter<'task'>,
  ) {}

  every(name: string, intervalMs: number, work: () => Promise<void>): void {
    this.tasks.set(name, { name, intervalMs, work, again: false });
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

  async beforeApplicationShutdown(): Promise<void> {
    this.started = false;
    for (const task of this.tasks.values()) clearTimeout(task.timer);
    await Promise.all([...this.tasks.values()].map(task => task.running));
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
    const context = startWork(task.name, SpanKind.INTERNAL, newId(), undefined);
    try {
      await runInContext(context, task.work);
    } catch (error) {
      this.failures.inc({ task: task.name });
      this.logger.warn({ err: error, task: task.name }, 'periodic task failed; it will run again');
    } finally {
      context.span?.end();
    }
  }
}
