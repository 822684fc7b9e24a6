import type { EventEmitter } from 'node:events';
import autocannon from 'autocannon';
import { spareRequests, type LoadRequest } from './job.ts';
import { inTurn, type Sending } from './sending.ts';

/** HTTP/1.1 on connections that are kept, or on one for each request. */
export async function sendOverHttp1(sending: Sending): Promise<void> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const setupClient = (client: autocannon.Client): void => watch(client, sending);
  const instance = autocannon({ ...options(sending), setupClient }, error =>
    error ? reject(error) : resolve(),
  );
  const over = setTimeout(() => instance.stop(), sending.durationMs);
  instance.on('reqError', (error: Error) => sending.fail(error.message));
  await ended;
  clearTimeout(over);
}

/** Its own event for an answer is silent where connections are not kept, and knows whole milliseconds only. */
function watch(client: EventEmitter, { answered }: Sending): void {
  // The first request is under way already.
  let askedAt = performance.now();
  client.on('request', () => (askedAt = performance.now()));
  client.on('headers', ({ statusCode }: { statusCode: number }) =>
    answered(statusCode, performance.now() - askedAt),
  );
}

function options(sending: Sending): autocannon.Options {
  const { job, requests, durationMs } = sending;
  const next = inTurn(sending);
  const setupRequest = (request: autocannon.Request): autocannon.Request => ({
    ...request,
    ...toAutocannon(next()),
  });
  const common = {
    url: job.url,
    connections: job.connections,
    timeout: 10,
    requests: job.order === 'each' ? requests.map(toAutocannon) : [{ setupRequest }],
    ...(job.transport === 'per-request' ? { reconnectRate: 1 } : {}),
  };
  if (job.order === 'once') return { ...common, amount: requests.length - spareRequests(job.connections) };
  // Its clock ticks in seconds: the timer ends the round, this only must not end it before.
  return { ...common, duration: Math.ceil(durationMs / 1_000) + 5 };
}

function toAutocannon({ method, path, headers, body }: LoadRequest): autocannon.Request {
  return { method, path, headers: { ...headers }, ...(body === undefined ? {} : { body }) };
}
