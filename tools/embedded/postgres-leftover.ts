/** What a killed predecessor leaves behind: a server nobody owns, or a lock file that names a stranger. */
import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandOf, endProcess, exists, processesIn } from './processes.ts';

const BACKENDS_WITHIN_MS = 5000;

/**
 * Ends a server that provably runs on `data`, and waits for the backends of one that was killed. PostgreSQL judges
 * its own lock file well with one exception, which is removed here: one whose process id still exists and is no
 * server of ours (a zombie nobody reaps, or a stranger after a container's restart) makes it refuse for ever.
 */
export async function endLeftoverPostgres(data: string): Promise<void> {
  const lockFile = join(data, 'postmaster.pid');
  const pid = lockedBy(lockFile);
  if (pid === undefined) return;
  if (commandOf(pid).includes(`-D ${data} `)) await endProcess(pid, ['SIGINT', 'SIGQUIT', 'SIGKILL']);
  // The system reports directories with links resolved.
  await backendsGone(realpathSync(data));
  if (exists(pid)) rmSync(lockFile, { force: true });
}

/** Backends of a killed server notice within moments; a new one must not share their data before that. */
async function backendsGone(data: string): Promise<void> {
  const deadline = Date.now() + BACKENDS_WITHIN_MS;
  while (processesIn(data).length > 0) {
    if (Date.now() > deadline)
      throw new Error(`Processes ${processesIn(data).join(', ')} still work in ${data}`);
    await delay(25);
  }
}

function lockedBy(lockFile: string): number | undefined {
  if (!existsSync(lockFile)) return undefined;
  const pid = Number.parseInt(readFileSync(lockFile, 'utf8'), 10);
  return pid > 0 ? pid : undefined;
}
