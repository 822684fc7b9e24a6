import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnService } from '../../tools/embedded/child.ts';
import { pinnedTo } from '../ground/cores.ts';
import type { Ground } from '../ground/ground.ts';
import type { Job, LoadResult } from './job.ts';

/** Goes on for a while, or asks once. */
export type Load = 'worker' | 'burst';

/** One round of load from a process of its own. @throws Error when any request was not answered as expected */
export async function drive(ground: Ground, job: Job, load: Load = 'worker'): Promise<LoadResult> {
  const program = join(import.meta.dirname, `${load}.ts`);
  const jobFile = join(ground.directory, 'job.json');
  const resultFile = join(ground.directory, 'load.json');
  writeFileSync(jobFile, JSON.stringify(job));
  const service = await spawnService({
    name: 'the load',
    ...pinnedTo(ground.cores.load, process.execPath, [program, jobFile, resultFile]),
    env: { PATH: process.env['PATH'] },
    logFile: join(ground.directory, 'logs/load.log'),
    stopSignals: ['SIGTERM', 'SIGKILL'],
    watch: ground.watch,
  });
  const end = await service.exited;
  if (service.child.exitCode !== 0) throw new Error(`${end}\n${service.logTail()}`);
  return requireAnswers(JSON.parse(readFileSync(resultFile, 'utf8')) as LoadResult);
}

/** What is refused is cheaper than what is served: a round with refusals says nothing. */
export function requireAnswers(result: LoadResult): LoadResult {
  const failures = Object.entries(result.failures).map(([what, times]) => `${times} x ${what}`);
  if (failures.length > 0) throw new Error(`requests failed: ${failures.join(', ')}`);
  if (result.requests === 0) throw new Error('no request was answered');
  return result;
}
