import { setTimeout as pause } from 'node:timers/promises';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { Drain } from './drain.js';

export interface StopOptions {
  /** How long to keep serving after readiness has said no. */
  readonly drainDelay: number;
  /** The process ends after `drainDelay + shutdownTimeout`, finished or not. */
  readonly shutdownTimeout: number;
}

/**
 * SIGTERM and SIGINT: readyz answers 503 → keep serving for `drainDelay` → stop accepting, finish requests and jobs →
 * close queues, Redis, PostgreSQL → exit 0. A second signal changes nothing; the hard deadline exits 1.
 */
export function stopOnSignals(app: INestApplicationContext, options: StopOptions): void {
  const logger = new Logger('Lifecycle');
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    logger.log(`${signal}: draining`);
    armDeadline(options, logger);
    void drainAndClose(app, options).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'shutdown failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
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
