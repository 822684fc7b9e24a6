import cluster, { type Worker } from 'node:cluster';
import { Logger } from '@nestjs/common';
import { register } from 'prom-client';
import type { News, Question } from './messages.js';

/** Whether a primary has started this process to serve the public port beside others. */
export const isMember = cluster.isWorker;

/** Answers the primary from now on. A process that has none is not concerned. */
export function joinCrew(): void {
  const { worker } = cluster;
  if (!worker) return;
  process.on('message', (question: Question) => void answer(question));
  worker.once('disconnect', () => leave(worker));
  // A closed terminal tells all of its processes. The primary decides, as for every other signal it passes on.
  process.on('SIGHUP', () => undefined);
}

/** The public ports are open in this process. */
export function reportServing(): void {
  tell({ tell: 'serving' });
}

/** They are closed, or will be before the event loop turns. */
export function reportShut(): void {
  setImmediate(tell, { tell: 'shut' });
}

async function answer({ ask }: Question): Promise<void> {
  if (ask === 'alive') return tell({ tell: 'alive' });
  // One that cannot be read costs a scrape, never the process.
  const metrics = await register.getMetricsAsJSON().catch(() => []);
  tell({ tell: 'metrics', metrics });
}

/** The primary may be gone, and with it whoever wants to know. */
function tell(news: News): void {
  if (process.connected) process.send?.(news, undefined, undefined, () => undefined);
}

/**
 * Without its primary a member gets no more connections and nobody could stop it: it ends as on SIGTERM. Node would end
 * it on the spot, with its requests unanswered, if it did not believe that the end was asked for.
 */
function leave(worker: Worker): void {
  worker.exitedAfterDisconnect = true;
  new Logger('Processes').warn('the primary process is gone');
  process.kill(process.pid, 'SIGTERM');
}
