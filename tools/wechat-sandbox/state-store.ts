import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Collection<T> {
  get(key: string): T | undefined;
  put(key: string, value: T): void;
  entries(): IterableIterator<[string, T]>;
}

/**
 * Named collections of JSON records. With a folder every change is one appended line of `state.jsonl`
 * (0600: it holds private keys), so that a busy shop costs one small write per change and kill -9 loses
 * nothing. Creating one only reads; `open()` rewrites the lines compacted by an atomic rename and keeps
 * every change from then on, so that a second sandbox which fails to start harms nothing.
 */
export class StateStore {
  readonly #records = new Map<string, Map<string, unknown>>();
  readonly #path: string | undefined;
  #journal: number | undefined;

  constructor(dataDir?: string) {
    if (!dataDir) return;
    this.#path = join(dataDir, 'state.jsonl');
    this.#replay(this.#path);
  }

  open(): void {
    if (!this.#path) return;
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#path}.new`, this.#compacted(), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
    this.#journal = openSync(this.#path, 'a', 0o600);
  }

  collection<T>(name: string): Collection<T> {
    const records = this.#named(name) as Map<string, T>;
    return {
      get: key => records.get(key),
      put: (key, value) => {
        records.set(key, value);
        this.#append(name, key, value);
      },
      entries: () => records.entries(),
    };
  }

  close(): void {
    if (this.#journal !== undefined) closeSync(this.#journal);
    this.#journal = undefined;
  }

  #append(name: string, key: string, value: unknown): void {
    if (this.#journal !== undefined) writeSync(this.#journal, toLine(name, key, value));
  }

  #named(name: string): Map<string, unknown> {
    const found = this.#records.get(name) ?? new Map<string, unknown>();
    this.#records.set(name, found);
    return found;
  }

  #replay(path: string): void {
    for (const line of readIfThere(path).split('\n')) {
      const record = parseLine(line);
      if (record) this.#named(record[0]).set(record[1], record[2]);
    }
  }

  #compacted(): string {
    return [...this.#records]
      .flatMap(([name, records]) => [...records].map(([key, value]) => toLine(name, key, value)))
      .join('');
  }
}

function toLine(name: string, key: string, value: unknown): string {
  return `${JSON.stringify([name, key, value])}\n`;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** A process killed while writing leaves half a line: it is dropped, everything before it stays. */
function parseLine(line: string): [string, string, unknown] | undefined {
  try {
    return JSON.parse(line) as [string, string, unknown];
  } catch {
    return undefined;
  }
}
