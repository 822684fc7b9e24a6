/** `<data>/run.json`: who runs on this data directory, and what must be ended if it was killed with -9. */
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Watch } from '../embedded/child.ts';
import { isCode } from '../embedded/error-code.ts';
import { endProcess, goneWithin, identityOf, trySignal } from '../embedded/processes.ts';
import { startReaper } from '../embedded/reaper.ts';

interface Named {
  readonly pid: number;
  readonly identity: string;
}

interface RunFile {
  readonly launcher: Named;
  readonly stopping: boolean;
  /** With its password: the file is 0600. Absent until the database is migrated and seeded. */
  readonly databaseUrl?: string | undefined;
  readonly children: readonly (Named & { readonly signal: NodeJS.Signals })[];
}

/** A launcher that is alive, and the database of its shop. */
export interface RunningShop {
  readonly pid: number;
  readonly databaseUrl: string | undefined;
}

export interface Claim extends Watch {
  /** Tells commands on the same data directory where the shop's database is. */
  serves(databaseUrl: string | undefined): void;
  /** Says that we are on our way out, so that a successor waits instead of giving up. */
  stopping(): void;
  /** SIGKILL to all children: when the time to stop is over. */
  killAll(): void;
  release(): void;
}

/**
 * Makes this process the only launcher on `dataDir`. Ends what a killed predecessor left, waits for a dying one.
 * @throws Error «already running» while another one is healthy, or when `dataDir` is not writable.
 */
export async function claimRun(dataDir: string): Promise<Claim> {
  requireWritable(dataDir);
  const file = join(dataDir, 'run.json');
  const launcher = { pid: process.pid, identity: identityOf(process.pid) ?? '' };
  const mine = { launcher, stopping: false, children: [] };
  const dead = await findDead(file);
  if (!(dead ? succeed(file, dead, mine) : create(file, mine))) throw alreadyRunning(read(file));
  return claim(file, launcher);
}

function requireWritable(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`cannot keep data in ${dataDir}: set MINNOW_DATA_DIR to another directory (${reason})`, {
      cause,
    });
  }
}

export function findRunningShop(dataDir: string): RunningShop | undefined {
  const found = read(join(dataDir, 'run.json'));
  if (!found || identityOf(found.launcher.pid) !== found.launcher.identity) return undefined;
  return { pid: found.launcher.pid, databaseUrl: found.stopping ? undefined : found.databaseUrl };
}

/** The claim of a launcher that is gone, with everything ended that it left. @throws Error while it is alive */
async function findDead(file: string): Promise<RunFile | undefined> {
  const found = read(file);
  if (!found) {
    // Claims appear complete: what is there and cannot be read is nobody's.
    if (existsSync(file) && !read(file)) rmSync(file, { force: true });
    return undefined;
  }
  if (!(await predecessorGone(file, found.launcher))) throw alreadyRunning(found);
  await Promise.all(found.children.map(endLeftover));
  return found;
}

/**
 * Takes the place of a dead launcher; of many who try at once, one does. Who makes the file that is named after the dead
 * one is elected, and replaces its claim before the election is over: whoever is elected later finds another claim.
 */
function succeed(file: string, dead: RunFile, mine: RunFile): boolean {
  const { pid, identity } = dead.launcher;
  const election = `${file}.after-${createHash('sha256').update(`${pid} ${identity}`).digest('hex').slice(0, 16)}`;
  if (!create(election, mine)) {
    const rival = read(election)?.launcher;
    // Killed in the very moment of its election: the next one to come is elected.
    if (!rival || identityOf(rival.pid) !== rival.identity) rmSync(election, { force: true });
    return false;
  }
  try {
    if (read(file)?.launcher.identity !== identity) return false;
    write(`${file}.${process.pid}`, mine);
    renameSync(`${file}.${process.pid}`, file);
    return true;
  } finally {
    rmSync(election, { force: true });
  }
}

/** One whose npm was just killed needs a moment to notice; one that is stopping needs five seconds at most. */
async function predecessorGone(file: string, { pid, identity }: Named): Promise<boolean> {
  if (await goneWithin(pid, identity, 1000)) return true;
  return read(file)?.stopping === true && goneWithin(pid, identity, 6000);
}

/** The reaper of a killed launcher is probably at it already: it gets the first three seconds. */
async function endLeftover({ pid, identity, signal }: RunFile['children'][number]): Promise<void> {
  if (await goneWithin(pid, identity, 3000)) return;
  await endProcess(pid, [signal, 'SIGKILL']);
}

function claim(file: string, launcher: Named): Claim {
  const reaper = startReaper();
  const children = new Map<number, RunFile['children'][number]>();
  let stopping = false;
  let databaseUrl: string | undefined;
  const save = (): void => {
    write(`${file}.new`, { launcher, stopping, databaseUrl, children: [...children.values()] });
    renameSync(`${file}.new`, file);
  };
  return {
    add(pid, signal) {
      reaper.add(pid, signal);
      children.set(pid, { pid, signal, identity: identityOf(pid) ?? '' });
      save();
    },
    remove(pid) {
      reaper.remove(pid);
      children.delete(pid);
      save();
    },
    serves(url) {
      databaseUrl = url;
      save();
    },
    stopping() {
      stopping = true;
      save();
    },
    killAll: () => children.forEach(({ pid }) => trySignal(pid, 'SIGKILL')),
    release() {
      rmSync(file, { force: true });
      reaper.close();
    },
  };
}

/** Atomic and exclusive: a link to a complete file, which fails where one exists. */
function create(file: string, content: RunFile): boolean {
  const draft = `${file}.${process.pid}`;
  write(draft, content);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function write(file: string, content: RunFile): void {
  writeFileSync(file, `${JSON.stringify(content)}\n`, { mode: 0o600 });
}

function read(file: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}

function alreadyRunning(found: RunFile | undefined): Error {
  return new Error(`Minnow is already running on this data directory (pid ${found?.launcher.pid})`);
}
