import { once } from 'node:events';
import { connect, type ClientHttp2Session } from 'node:http2';
import { spareRequests, type LoadRequest } from './job.ts';
import { inTurn, type Sending } from './sending.ts';

/** A balancer's few connections; the job's connections are requests under way at once, spread over them. */
const sessionsAtMost = 4;
const patienceMs = 10_000;

export async function sendOverHttp2(sending: Sending): Promise<void> {
  const { url, connections } = sending.job;
  const sessions = Array.from({ length: Math.min(sessionsAtMost, connections) }, () => connect(url));
  await Promise.all(sessions.map(session => once(session, 'remoteSettings')));
  for (const session of sessions) session.on('error', (error: Error) => sending.fail(error.message));
  const next = nextOf(sending);
  const lanes = Array.from({ length: connections }, (_, lane) =>
    sendOneByOne(sessions[lane % sessions.length]!, next(), sending),
  );
  await Promise.all(lanes);
  for (const session of sessions) session.destroy();
}

/** For each of those who send at once: what comes next, or nothing any more. */
function nextOf(sending: Sending): () => () => LoadRequest | undefined {
  const { job, requests, durationMs } = sending;
  const until = performance.now() + durationMs;
  const isOver = (): boolean => performance.now() >= until;
  const shared = inTurn(sending);
  let left = job.order === 'once' ? requests.length - spareRequests(job.connections) : Infinity;
  const fromShared = (): LoadRequest | undefined => (isOver() || left-- <= 0 ? undefined : shared());
  return () => {
    if (job.order !== 'each') return fromShared;
    const own = inTurn(sending);
    return () => (isOver() ? undefined : own());
  };
}

async function sendOneByOne(
  session: ClientHttp2Session,
  next: () => LoadRequest | undefined,
  sending: Sending,
): Promise<void> {
  for (let request = next(); request && !session.destroyed; request = next()) {
    await send(session, request, sending);
  }
}

function send(session: ClientHttp2Session, request: LoadRequest, { answered, fail }: Sending): Promise<void> {
  const { method, path, headers, body } = request;
  const askedAt = performance.now();
  const head = { ':method': method, ':path': path, ...headers };
  const stream = session.request(head, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  stream.setTimeout(patienceMs, () => stream.destroy(new Error('timeout')));
  stream.once('response', ({ ':status': status }) => answered(status ?? 0, performance.now() - askedAt));
  stream.once('error', (error: Error) => fail(error.message));
  stream.resume();
  return new Promise(resolve => stream.once('close', resolve));
}
