/** `node burst.ts <job> <result>`: all clients are connected; then each sends its one request, all at once. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { once } from 'node:events';
import type { Job, LoadRequest, LoadResult } from './job.ts';

/** Fewer than a server keeps waiting until it accepts them. */
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
  await Promise.all(some.map(greet));
  return some;
}

/** Until it has been answered it may wait to be accepted, and would ask later than the others. */
async function greet(socket: Socket): Promise<void> {
  socket.write(headOf({ method: 'GET', path: '/ping', headers: { connection: 'keep-alive' } }));
  await once(socket, 'data');
}

async function play(clients: readonly Socket[]): Promise<LoadResult> {
  const latencies = createHistogram();
  const failures: Record<string, number> = {};
  const startedAt = performance.now();
  const answers = clients.map((socket, index) => ask(socket, job.requests[index % job.requests.length]!));
  for (const { status, ms } of await Promise.all(answers)) {
    if (status === job.expectedStatus) latencies.record(Math.max(1, Math.round(ms * 1_000)));
    else failures[`status ${status}`] = (failures[`status ${status}`] ?? 0) + 1;
  }
  return {
    requests: latencies.count,
    elapsedMs: performance.now() - startedAt,
    serverCpuMs: 0,
    p50Ms: latencies.percentile(50) / 1_000,
    p99Ms: latencies.percentile(99) / 1_000,
    failures,
  };
}

interface Answer {
  /** 0 when none came. */
  readonly status: number;
  readonly ms: number;
}

async function ask(socket: Socket, request: LoadRequest): Promise<Answer> {
  const askedAt = performance.now();
  let text = '';
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.on('data', chunk => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write(headOf(request));
  await new Promise<void>(resolve => socket.once('close', () => resolve()));
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
  return { status, ms: performance.now() - askedAt };
}

function headOf({ method, path, headers }: LoadRequest): string {
  const fields = Object.entries({ host: new URL(job.url).host, connection: 'close', ...headers });
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
