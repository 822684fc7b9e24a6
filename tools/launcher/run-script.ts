/** One of the project's scripts as a process of its own, on a given database. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { mediaRootOf } from './settings.ts';

export interface ScriptRun {
  readonly root: string;
  readonly databaseUrl: string;
  readonly stop: AbortSignal;
}

/** Not 0: a script has said why itself, and its code may mean something to whoever waits for it. */
export class ScriptEnded extends Error {
  readonly exitCode: number;

  constructor(script: string, code: number | null, signal: NodeJS.Signals | null) {
    super(`${script} ended with ${signal ?? `code ${code}`}`);
    this.exitCode = code ?? 1;
  }
}

/** @throws ScriptEnded when it does not exit 0 */
export async function runScript(
  { root, databaseUrl, stop }: ScriptRun,
  script: string,
  ...args: readonly string[]
): Promise<void> {
  const env = { ...process.env, MEDIA_ROOT: mediaRootOf(root, process.env), DATABASE_URL: databaseUrl };
  const child = spawn(process.execPath, [join(root, script), ...args], { cwd: root, env, stdio: 'inherit' });
  const end = (): boolean => child.kill('SIGTERM');
  stop.addEventListener('abort', end, { once: true });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  stop.removeEventListener('abort', end);
  if (code !== 0) throw new ScriptEnded(script, code, signal);
}
