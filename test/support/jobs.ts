import type { Job } from 'bull';
import type { EventDefinition } from '../../src/platform/queue/define-event.ts';
import type { AnyJob } from '../../src/platform/queue/define-job.ts';
import { Transactor } from '../../src/platform/database/transactor.ts';
import { EventPublisher } from '../../src/platform/events/event-publisher.ts';
import { JobQueues, type JobEnvelope } from '../../src/platform/queue/job-queues.ts';
import type { TestApp } from './app.ts';
import { until } from './until.ts';

/** An event happens (again), as far as the jobs that it starts can tell. */
export function publishNow<T>({ app }: TestApp, event: EventDefinition<T>, payload: T): Promise<void> {
  return app.get(Transactor).run(() => app.get(EventPublisher).publish(event, payload));
}

/** The jobs of one kind that Bull keeps for an order, whether they wait, run or are to be tried again later. */
export async function bullJobs(
  { app }: TestApp,
  { name, queue }: AnyJob,
  orderId: string,
): Promise<readonly Job<JobEnvelope>[]> {
  const jobs = app
    .get(JobQueues)
    .all()
    .find(it => it.name === queue)!;
  const all = await jobs.getJobs(['waiting', 'active', 'delayed']);
  return all.filter(
    // Null for one that has ended in between.
    job => job?.name === name && (job.data.payload as { readonly orderId?: string }).orderId === orderId,
  );
}

/** Waits until the job of an order has failed `failures` times and is to be tried again later. */
export function waitingRetry(
  shop: TestApp,
  job: AnyJob,
  orderId: string,
  failures = 1,
): Promise<Job<JobEnvelope>> {
  return until(`${job.name} has failed ${failures} times and waits`, async () => {
    const [kept] = await bullJobs(shop, job, orderId);
    return kept?.attemptsMade === failures && (await kept.isDelayed()) && kept;
  });
}

/** The names of the jobs that still have to take effect for an order. */
export async function openJobs({ database }: TestApp, orderId: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ job: string }>(
    `select job from outbox where payload->>'orderId' = $1 and due_at <= now() order by job`,
    [orderId],
  );
  return rows.map(({ job }) => job);
}

export interface DeadLetter {
  readonly job: string;
  readonly attempts: number;
  readonly error: string;
}

export async function deadLettersOf({ database }: TestApp, orderId: string): Promise<readonly DeadLetter[]> {
  const { rows } = await database.query<DeadLetter>(
    `select job, attempts, error from dead_letters where payload->>'orderId' = $1`,
    [orderId],
  );
  return rows;
}
