/** Finds a Redis or Valkey server of at least 6.2, or installs one where that needs no question. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { Watch } from './child.ts';

const run = promisify(execFile);

export interface RedisProgram {
  readonly command: string;
  readonly argv0?: string;
}

/**
 * Debian's `redis-tools` carries the server under the name of one of its checkers (the program looks at the name
 * it is called by). Installing it, instead of `redis-server`, starts no daemon and enables none at boot.
 */
const CANDIDATES: readonly RedisProgram[] = [
  { command: 'redis-server' },
  { command: 'valkey-server' },
  { command: 'redis-check-rdb', argv0: 'redis-server' },
];

/** @throws Error that says what to install, or to set REDIS_URL. */
export async function findOrInstallRedis(watch?: Watch): Promise<RedisProgram> {
  const found = findRedis();
  if (found) return found;
  const failure = await installRedis(watch);
  const installed = findRedis();
  if (installed) return installed;
  throw new Error(
    'No redis-server or valkey-server ≥ 6.2 on PATH: install one (Debian and Ubuntu: apt-get install redis-server; ' +
      `macOS: brew install redis) or set REDIS_URL${failure ? `\n${failure}` : ''}`,
  );
}

export function findRedis(): RedisProgram | undefined {
  return CANDIDATES.find(({ command, argv0 }) => {
    const { stdout } = spawnSync(command, ['--version'], { argv0, encoding: 'utf8', timeout: 5000 });
    const [, major = 0, minor = 0] = /server v=(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
    return Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 2);
  });
}

/** Returns what went wrong, if anything did. Slow, and therefore never synchronous: Ctrl-C must still work. */
async function installRedis(watch: Watch | undefined): Promise<string | undefined> {
  const attempt = (command: readonly string[]) => attemptWatched(command, watch);
  if (process.platform === 'darwin') return attempt(['brew', 'install', 'redis']);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=60'];
  const install = [...apt, 'install', '-y', '--no-install-recommends', 'redis-tools'];
  // No apt-get here, or sudo would ask for a password: then there is nothing to try.
  if ((await attempt([...apt, '--version'])) !== undefined) return undefined;
  process.stderr.write(`No Redis found: ${install.join(' ')}\n`);
  if ((await attempt(install)) === undefined) return undefined;
  // A fresh machine has no package lists, an old one lists packages that are gone.
  return (await attempt([...apt, 'update'])) ?? (await attempt(install));
}

/** Watched, so that an installation does not outlive the one who asked for it. */
async function attemptWatched(
  [command = '', ...args]: readonly string[],
  watch: Watch | undefined,
): Promise<string | undefined> {
  const running = run(command, args, { timeout: 300_000, maxBuffer: 16 * 1024 * 1024 });
  const { pid } = running.child;
  if (pid) watch?.add(pid, 'SIGTERM');
  try {
    await running;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.trim().split('\n').slice(-5).join('\n') : String(error);
  } finally {
    if (pid) watch?.remove(pid);
  }
}
