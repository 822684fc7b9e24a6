/** One HTTP exchange, measured. */

const ANSWER_WITHIN_MS = 10_000;
const SHOWN_CHARACTERS = 2000;

export interface Peer {
  readonly url: string;
  /** What to do when nobody listens there. */
  readonly absent: string;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly expected: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
  readonly ms: number;
}

/** The journey cannot go on; the message says why, in as many lines as it takes. */
export class StepFailed extends Error {}

/** Any status is an answer; `body` is what the shop's schema promises, unchecked. @throws StepFailed without one */
export async function send<Body>(peer: Peer, { method, path, body, headers }: Call): Promise<Answer<Body>> {
  const began = performance.now();
  try {
    const answer = await fetch(new URL(path, peer.url), {
      method,
      headers: {
        accept: 'application/json',
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    const ms = performance.now() - began;
    return { status: answer.status, headers: answer.headers, text, body: parse(text) as Body, ms };
  } catch (error) {
    throw new StepFailed(`${method} ${path}: ${reasonOf(error, peer)}`);
  }
}

/** For an answer of the wrong status: it is a problem, so it holds no tokens. */
export function describeProblem({ body, text }: Answer<unknown>): string {
  const pretty = body === undefined ? text : JSON.stringify(body, null, 2);
  return pretty.slice(0, SHOWN_CHARACTERS);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown, { url, absent }: Peer): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer from ${url} within ${ANSWER_WITHIN_MS / 1000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return `${url}: ${error.message}`;
  const refused = 'code' in cause && cause.code === 'ECONNREFUSED';
  return refused ? `nothing listens at ${url}\n${absent}` : `${url}: ${cause.message}`;
}
