/** The WeChat stand-in as a child process: see tools/wechat-sandbox. */
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { settledWithin, spawnService, type Embedded, type Service, type Watch } from './child.ts';

const MAIN = join(import.meta.dirname, '../wechat-sandbox/main.ts');

export interface SandboxOptions {
  /** Holds its keys and certificates, and `sandbox.log`. */
  readonly dataDir: string;
  /** 0: any free one. */
  readonly port: number;
  readonly main?: string | undefined;
  readonly watch?: Watch | undefined;
}

export interface Sandbox extends Omit<Embedded, 'destroy'> {
  /** The `WECHAT_*` variables that make an app talk to this sandbox. */
  readonly env: Readonly<Record<string, string>>;
}

/** @throws Error with the tail of its log when it does not announce itself in time. */
export async function startSandbox({ dataDir, port, main = MAIN, watch }: SandboxOptions): Promise<Sandbox> {
  const directory = resolve(dataDir);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const service = await spawnService({
    name: 'WeChat sandbox',
    command: process.execPath,
    args: [main, '--port', String(port), '--data-dir', directory],
    env: process.env,
    logFile: join(directory, 'sandbox.log'),
    pipeStdout: true,
    stopSignals: ['SIGTERM', 'SIGTERM'],
    watch,
  });
  try {
    const { url, env } = parseAnnouncement(await firstLine(service, join(directory, 'sandbox.log')));
    return { url, env, pid: service.pid, exited: service.exited, stop: service.stop };
  } catch (cause) {
    await service.stop(0);
    throw new Error(`WeChat sandbox did not start\n${service.logTail()}`, { cause });
  }
}

/** The rest of its output goes to the log: a full pipe would stop the sandbox. */
async function firstLine(service: Service, logFile: string): Promise<string> {
  const stdout = service.child.stdout as Readable;
  const lines = createInterface({ input: stdout });
  const line = once(lines, 'line');
  const early = service.exited.then(reason => Promise.reject(new Error(reason)));
  // The loser of the race may reject much later, with nobody listening.
  early.catch(() => undefined);
  line.catch(() => undefined);
  const first = Promise.race([line, early]);
  if (!(await settledWithin(first, 20_000))) throw new Error('no announcement after 20000 ms');
  const [announcement] = await first;
  lines.close();
  stdout.pipe(createWriteStream(logFile, { flags: 'a' }));
  return String(announcement);
}

function parseAnnouncement(line: string): { url: string; env: Record<string, string> } {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || !('url' in value) || !('env' in value)) {
    throw new Error('the first line of the sandbox must be {"url", "env"}');
  }
  return { url: String(value.url), env: { ...(value.env as Record<string, string>) } };
}
