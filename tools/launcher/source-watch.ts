/** Tells when sources changed: for `npm run dev`. */
import { EventEmitter, once } from 'node:events';
import { existsSync, readdirSync, statSync, watch, type FSWatcher } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** An editor writes a file in several steps, and «save all» several files. */
const QUIET_MS = 120;
const SOURCE = /\.(ts|yaml)$/;
/** Tests are no part of the app; a dot begins what editors keep beside the file. */
const OTHER = /^\.|\.(spec|fixture)\.ts$/;

export interface SourceWatch {
  /** Resolves with the changed paths once nothing has changed for a moment. @throws AbortError */
  next(stop: AbortSignal): Promise<readonly string[]>;
  close(): void;
}

/**
 * One watcher a directory. Node's own recursive watch follows files by inode on Linux: it goes deaf for a file which
 * an editor has replaced instead of written.
 */
export function watchSources(root: string, folders: readonly string[] = ['src', 'config']): SourceWatch {
  const events = new EventEmitter();
  const changed = new Set<string>();
  const note = (path: string): void => {
    changed.add(relative(root, path));
    events.emit('change');
  };
  let watchers = watchFolders(root, folders, note);
  const close = (): void => watchers.forEach(watcher => watcher.close());
  return {
    close,
    async next(stop) {
      if (changed.size === 0) await once(events, 'change', { signal: stop });
      while (await happensWithin(events, QUIET_MS, stop));
      // Directories may have come and gone. What happens during the exchange is on disk before anybody reads it.
      close();
      watchers = watchFolders(root, folders, note);
      const paths = [...changed];
      changed.clear();
      return paths;
    },
  };
}

function watchFolders(root: string, folders: readonly string[], note: (path: string) => void): FSWatcher[] {
  const tops = folders.map(folder => join(root, folder)).filter(existsSync);
  return tops.flatMap(directoriesOf).map(directory => watchDirectory(directory, note));
}

function directoriesOf(top: string): string[] {
  const entries = readdirSync(top, { recursive: true, withFileTypes: true });
  const below = entries.filter(entry => entry.isDirectory());
  return [top, ...below.map(({ parentPath, name }) => join(parentPath, name))];
}

function watchDirectory(directory: string, note: (path: string) => void): FSWatcher {
  const watcher = watch(directory, (_, name) => {
    if (name !== null && matters(join(directory, name))) note(join(directory, name));
  });
  // A directory that goes away is seen by its parent.
  return watcher.on('error', () => undefined);
}

function matters(path: string): boolean {
  const name = basename(path);
  if (OTHER.test(name)) return false;
  return SOURCE.test(name) || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

async function happensWithin(events: EventEmitter, ms: number, stop: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal]);
  const change = once(events, 'change', { signal }).then(() => true);
  const quiet = delay(ms, false, { signal });
  try {
    return await Promise.race([change, quiet]);
  } finally {
    over.abort();
    await Promise.allSettled([change, quiet]);
  }
}
