/** A real Redis (or Valkey) on 127.0.0.1 for development and tests. */
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { spawnService, untilReady, type Embedded, type Service, type Watch } from './child.ts';
import { onPort } from './ports.ts';
import { findOrInstallRedis, type RedisProgram } from './redis-program.ts';

export interface RedisOptions {
  /** Holds the append-only files and `redis.log`. */
  readonly dataDir: string;
  readonly port?: number | undefined;
  /** False: memory only. For tests. */
  readonly durable?: boolean | undefined;
  readonly watch?: Watch | undefined;
}

/**
 * Starts Redis on `dataDir` and resolves once it answers PING. Installs it first where none is on PATH.
 * @throws Error with the tail of its log, or with what to install.
 */
export async function startRedis(options: RedisOptions): Promise<Embedded> {
  const directory = resolve(options.dataDir);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const program = await findOrInstallRedis(options.watch);
  const { service, port } = await onPort(options.port, port =>
    serve(program, { ...options, port }, directory),
  );
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: service.pid,
    exited: service.exited,
    stop: service.stop,
    async destroy(withinMs) {
      await service.stop(withinMs);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function serve(
  program: RedisProgram,
  { port, durable, watch }: RedisOptions & { readonly port: number },
  directory: string,
): Promise<{ service: Service; port: number }> {
  const service = await spawnService({
    name: 'Redis',
    ...program,
    args: flags(port, directory, durable !== false),
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    logFile: join(directory, 'redis.log'),
    stopSignals: ['SIGTERM', 'SIGTERM'],
    watch,
  });
  try {
    await untilReady(service, () => answersPing(port), 30_000);
    return { service, port };
  } catch (error) {
    await service.stop(0);
    throw error;
  }
}

function flags(port: number, directory: string, durable: boolean): string[] {
  return [
    ['--bind', '127.0.0.1', '--port', String(port)],
    ['--dir', directory, '--save', '', '--appendonly', durable ? 'yes' : 'no'],
    // Queues live here: an evicted job is a lost job.
    ['--maxmemory-policy', 'noeviction'],
    // Keeps the directory visible in the process list, as proof of whose server it is.
    ['--set-proc-title', 'no'],
  ].flat();
}

async function answersPing(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(1000, () => socket.destroy(new Error('timeout')));
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = await once(socket, 'data');
    return String(answer).startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
