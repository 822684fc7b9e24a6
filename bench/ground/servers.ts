/** Starts each side as a process of its own on the server's core. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { settledWithin, spawnService, type Service } from '../../tools/embedded/child.ts';
import { freePort } from '../../tools/embedded/ports.ts';
import { products, type ServerName, type Side } from '../scenario.ts';
import { pinnedTo } from './cores.ts';
import { root, type Ground } from './ground.ts';

export interface Server {
  readonly url: string;
  /** Without TLS, on a port of its own; of a side whose load speaks it. */
  readonly http2Url: string;
  readonly managementUrl: string;
  readonly pid: number;
  /** From the start of its process to the first 200 of `/readyz`. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** The same for all sides, so that their answers can be the same. */
const publicBaseUrl = 'http://127.0.0.1:3000';
/** The variable that has a shop speak HTTP/2 without TLS. */
export const http2Port = 'HTTP_H2C_PORT';
const limitless = '999999999/1m';
const readyWithinMs = 60_000;
/** Fine enough to measure a start by, and cheap enough not to slow it down. */
const pollMs = 10;

/** What all servers of a run have in common. */
export interface Stage {
  /** Where spans go. */
  readonly otlpUrl: string;
  /** Keys that sign tokens and seal data; the same for the whole run. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What node:http has ready. */
  readonly answersFile: string;
  /** Somebody wants an end: no further round begins. */
  readonly stop: AbortSignal;
}

export async function startServer(ground: Ground, side: Side, stage: Stage): Promise<Server> {
  const [port, managementPort, ownPort] = [await freePort(), await freePort(), await freePort()];
  const name = `${side.label} ${port}`.replaceAll(/[^\w]+/g, '-');
  const databaseUrl = await ground.databases.withProducts(side.products ?? products.usual);
  const startedAt = performance.now();
  const service = await spawnService({
    name: side.label,
    ...pinnedTo(ground.cores.server, process.execPath, [entryOf(ground, side.server)]),
    // So that a process tells to which run it belongs.
    cwd: ground.directory,
    env: {
      PATH: process.env['PATH'],
      // As `npm start` has it: what a shop does on this machine when nothing else is said.
      NODE_ENV: 'development',
      ...ground.env,
      ...stage.secrets,
      DATABASE_URL: databaseUrl,
      OTEL_EXPORTER_OTLP_ENDPOINT: stage.otlpUrl,
      PUBLIC_BASE_URL: publicBaseUrl,
      AUTH_ACCESS_TOKEN_TTL: '12h',
      // One shopper asks as often as it takes; the limits count all the same.
      LIMIT_CALLER: limitless,
      LIMIT_ORDER: limitless,
      BENCH_ANSWERS: stage.answersFile,
      PORT: String(port),
      MANAGEMENT_PORT: String(managementPort),
      ...(side.transport === 'http2' ? { [http2Port]: String(ownPort) } : {}),
      ...side.env,
    },
    logFile: join(ground.directory, 'logs', `${name}.log`),
    stopSignals: ['SIGTERM', 'SIGKILL'],
    watch: ground.watch,
  });
  const [url, http2Url] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${ownPort}`];
  await untilReady(service, url);
  const readyMs = performance.now() - startedAt;
  const managementUrl = `http://127.0.0.1:${managementPort}`;
  return { url, http2Url, managementUrl, pid: service.pid, readyMs, stop: () => service.stop() };
}

function entryOf(ground: Ground, server: ServerName): string {
  switch (server) {
    case 'minnow':
      return join(root, 'dist/main.js');
    case 'usual-nest':
      return ground.usualNest;
    case 'node-http':
    case 'bare-fastify':
    case 'fastify-in-memory':
      return join(root, 'bench/peers', `${server}.ts`);
  }
}

async function untilReady(service: Service, url: string): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  while (!(await isReady(url))) {
    if (!service.running() || performance.now() > deadline) {
      await settledWithin(service.stop(0), 3_000);
      throw new Error(`${service.name} does not start\n${service.logTail()}`);
    }
    await delay(pollMs);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false;
  }
}
