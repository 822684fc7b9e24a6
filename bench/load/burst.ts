/** `node burst.ts <job> <result>`: as many clients as there are connections, each with one request, all at once. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { once } from 'node:events';
import type { Job, LoadRequest, LoadResult } from './job.ts';

/** A server keeps so many waiting for it to accept them (the default of `listen`). */
const connectingAtOnce = 256;
const patienceMs = 30_000;

const [jobFile = '', resultFile = ''] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobFile, 'utf8')) as Job;
const sockets: Socket[] = [];
while (sockets.length < job.connections)
  sockets.push(...(await connectSome(job.connections - sockets.length)));
writeFileSync(resultFile, JSON.stringify(await play(sockets)));

async function connectSome(missing: number): Promise<Socket[]> {
  const { hostname, port } = new URL(job.url);
  const some = Array.from({ length: Math.min(missing, connectingAtOnce) }, () =>
    connect(Number(port), hostname),
  );
  await Promise.all(some.map(socket => once(socket, 'connect')));
  return some;
}

async function play(clients: readonly Socket[]): Promise<LoadResult> {
  const latencies = createHistogram();
  const failures: Record<string, number> = {};
  const startedAt = performance.now();
  const answers = clients.map((socket, index) => ask(socket, job.requests[index % job.requests.length]!));
  for (const what of await Promise.all(answers.map(answer => timed(answer)))) {
    if (what.status === job.expectedStatus) latencies.record(Math.max(1, Math.round(what.ms * 1_000)));
    else failures[`status ${what.status}`] = (failures[`status ${what.status}`] ?? 0) + 1;
  }
  return {
    requests: latencies.count,
    elapsedMs: performance.now() - startedAt,
    serverCpuMs: 0,
    p50Ms: latencies.percentile(50) / 1_000,
    p99Ms: latencies.percentile(99) / 1_000,
    failures,
  };

  async function timed(answer: Promise<number>): Promise<{ status: number; ms: number }> {
    return { status: await answer, ms: performance.now() - startedAt };
  }
}

/** The status; 0 when none came. */
function ask(socket: Socket, { method, path, headers }: LoadRequest): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const lines = Object.entries({ host: new URL(job.url).host, connection: 'close', ...headers });
  let text = '';
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.on('data', chunk => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0)));
  socket.write(
    `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
  return promise;
}
