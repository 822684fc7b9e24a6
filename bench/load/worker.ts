/** `node worker.ts <job> <result>`: the load, in a process of its own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createHistogram } from 'node:perf_hooks';
import { familyCpuMs } from '../measure/proc-stat.ts';
import type { Job, LoadRequest, LoadResult } from './job.ts';
import { sendOverHttp1 } from './over-http1.ts';
import { sendOverHttp2 } from './over-http2.ts';

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
  const send = job.transport === 'http2' ? sendOverHttp2 : sendOverHttp1;
  const cpuBefore = familyCpuMs(job.serverPid);
  const startedAt = performance.now();
  await send({ job, requests, durationMs, answered, fail });
  return {
    requests: latencies.count,
    elapsedMs: performance.now() - startedAt,
    serverCpuMs: familyCpuMs(job.serverPid) - cpuBefore,
    p50Ms: latencies.percentile(50) / 1_000,
    p99Ms: latencies.percentile(99) / 1_000,
    failures,
  };
}
