import { setTimeout as pause } from 'node:timers/promises';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { Drain } from './drain.js';
import { isSurvivable } from './unhandled.js';

export interface StopOptions {
  /** How long to keep serving after readiness has said no. */
  readonly drainDelay: number;
  /** The process ends after `drainDelay + shutdownTimeout`, finished or not. */
  readonly shutdownTimeout: number;
}

/**
 * SIGTERM and SIGINT: readyz answers 503 → keep serving for `drainDelay` → stop accepting, finish requests and jobs →
 * close queues, Redis, PostgreSQL → exit 0. A second signal changes nothing; the hard deadline exits 1. A rejection
 * that nobody handled goes the same way and exits 1, unless it is only Redis that refuses.
 */
export function stopOnSignals(app: INestApplicationContext, options: StopOptions): void {
  const logger = new Logger('Lifecycle');
  let stopping = false;
  const stop = (reason: string, exitCode: number): void => {
    if (stopping) return;
    stopping = true;
    logger.log(`${reason}: draining`);
    armDeadline(options, logger);
    void drainAndClose(app, options).then(
      () => process.exit(exitCode),
      (error: unknown) => {
        logger.error({ err: error }, 'shutdown failed');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal, 0));
  process.on('unhandledRejection', error => {
    logger.error({ err: error }, 'nobody handled an error');
    if (!isSurvivable(error)) stop('unhandled rejection', 1);
  });
}

async function drainAndClose(app: INestApplicationContext, { drainDelay }: StopOptions): Promise<void> {
  app.get(Drain).start();
  await pause(drainDelay);
  await app.close();
}

function armDeadline({ drainDelay, shutdownTimeout }: StopOptions, logger: Logger): void {
  const deadline = setTimeout(() => {
    logger.error('shutdown did not finish in time');
    process.exit(1);
  }, drainDelay + shutdownTimeout);
  deadline.unref();
}
