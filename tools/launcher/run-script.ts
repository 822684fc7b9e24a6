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

/** @throws Error when it does not exit 0; it has said why itself. */
export async function runScript(
  { root, databaseUrl, stop }: ScriptRun,
  script: string,
  ...args: readonly string[]
): Promise<void> {
  const env = { ...process.env, MEDIA_ROOT: mediaRootOf(root, process.env), DATABASE_URL: databaseUrl };
  const child = spawn(process.execPath, [join(root, script), ...args], { cwd: root, env, stdio: 'inherit' });
  const end = (): boolean => child.kill('SIGTERM');
  stop.addEventListener('abort', end, { once: true });
  const [code, signal] = await once(child, 'exit');
  stop.removeEventListener('abort', end);
  if (code !== 0) throw new Error(`${script} ended with ${signal ?? `code ${code}`}`);
}
