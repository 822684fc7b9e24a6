/** `node worker.ts <job> <result>`: the load, in a process of its own. */
import type { EventEmitter } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createHistogram } from 'node:perf_hooks';
import autocannon from 'autocannon';
import { familyCpuMs } from '../measure/proc-stat.ts';
import { spareRequests, type Job, type LoadRequest, type LoadResult } from './job.ts';

const [jobFile = '', resultFile = ''] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobFile, 'utf8')) as Job;
const once = job.order === 'once';
const warmUpShare = job.warmUpMs / (job.warmUpMs + job.durationMs);
const warmUp = once ? Math.ceil(job.requests.length * warmUpShare) : job.requests.length;

const warmed = await play(job.requests.slice(0, warmUp), job.warmUpMs);
const played = await play(job.requests.slice(once ? warmUp : 0), job.durationMs);
const failures = Object.entries(warmed.failures).map(([what, times]) => [`${what} while warming up`, times]);
const result: LoadResult = { ...played, failures: { ...played.failures, ...Object.fromEntries(failures) } };
writeFileSync(resultFile, JSON.stringify(result));

async function play(requests: readonly LoadRequest[], durationMs: number): Promise<LoadResult> {
  const latencies = createHistogram();
  const failures: Record<string, number> = {};
  const fail = (what: string): void => void (failures[what] = (failures[what] ?? 0) + 1);
  const answered = (status: number, ms: number): void => {
    if (status === job.expectedStatus) latencies.record(Math.max(1, Math.round(ms * 1_000)));
    else fail(`status ${status}`);
  };
  const cpuBefore = familyCpuMs(job.serverPid);
  const startedAt = performance.now();
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const setupClient = (client: autocannon.Client): void => watch(client, answered);
  const instance = autocannon({ ...options(requests, durationMs), setupClient }, error =>
    error ? reject(error) : resolve(),
  );
  const over = setTimeout(() => instance.stop(), durationMs);
  instance.on('reqError', (error: Error) => fail(error.message));
  await ended;
  clearTimeout(over);
  return {
    requests: latencies.count,
    elapsedMs: performance.now() - startedAt,
    serverCpuMs: familyCpuMs(job.serverPid) - cpuBefore,
    p50Ms: latencies.percentile(50) / 1_000,
    p99Ms: latencies.percentile(99) / 1_000,
    failures,
  };
}

/** Its own event for an answer is silent where connections are not kept, and knows whole milliseconds only. */
function watch(client: EventEmitter, answered: (status: number, ms: number) => void): void {
  // The first request is under way already.
  let askedAt = performance.now();
  client.on('request', () => (askedAt = performance.now()));
  client.on('headers', ({ statusCode }: { statusCode: number }) =>
    answered(statusCode, performance.now() - askedAt),
  );
}

function options(requests: readonly LoadRequest[], durationMs: number): autocannon.Options {
  const common = {
    url: job.url,
    connections: job.connections,
    timeout: 10,
    requests: job.order === 'each' ? requests.map(toAutocannon) : [{ setupRequest: inTurn(requests) }],
    ...(job.reconnect ? { reconnectRate: 1 } : {}),
  };
  if (once) return { ...common, amount: requests.length - spareRequests(job.connections) };
  // Its clock ticks in seconds: the timer ends the round, this only must not end it before.
  return { ...common, duration: Math.ceil(durationMs / 1_000) + 5 };
}

function inTurn(requests: readonly LoadRequest[]): (request: autocannon.Request) => autocannon.Request {
  let next = 0;
  return request => {
    const taken = requests[once ? next : next % requests.length];
    if (!taken) throw new Error('the load has asked for more requests than there are');
    next++;
    return { ...request, ...toAutocannon(taken) };
  };
}

function toAutocannon({ method, path, headers, body }: LoadRequest): autocannon.Request {
  return { method, path, headers: { ...headers }, ...(body === undefined ? {} : { body }) };
}
