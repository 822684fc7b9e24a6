import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';

const MAX_BODY_BYTES = 1024 * 1024;

export interface SandboxRequest {
  readonly method: string;
  /** Path and query exactly as sent: WeChat Pay signs these bytes. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** `no-answer` keeps the caller waiting until it gives up; `hang-up` cuts the connection. */
export type Answer = Reply | 'no-answer' | 'hang-up';

export interface Route<R> {
  readonly method: 'GET' | 'POST';
  /** `:name` stands for one path segment, handed over decoded and in order. */
  readonly path: string;
  readonly handle: (request: SandboxRequest, params: readonly string[]) => R;
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

/** @returns undefined when the bytes are not valid UTF-8 or not JSON. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

export function dispatch<R>(routes: readonly Route<R>[], request: SandboxRequest): R | undefined {
  return findWork(routes, request)?.();
}

/** The matching route's work, still to be done. */
export function findWork<R>(routes: readonly Route<R>[], request: SandboxRequest): (() => R) | undefined {
  for (const route of routes) {
    const params = route.method === request.method ? matchPath(route.path, request.path) : undefined;
    if (params) return () => route.handle(request, params);
  }
  return undefined;
}

function matchPath(pattern: string, path: string): string[] | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  if (!wanted.every((part, at) => part.startsWith(':') || part === given[at])) return undefined;
  try {
    return given.filter((_, at) => wanted[at]?.startsWith(':')).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Whether some path of this route begins with `start`. */
export function startsPath(start: string, pattern: string): boolean {
  const wanted = pattern.split('/');
  const given = start.split('/');
  const last = given.length - 1;
  return given.every((part, at) => {
    const name = wanted[at];
    if (name === undefined) return false;
    return name.startsWith(':') || (at === last ? name.startsWith(part) : name === part);
  });
}

export function serve(handle: (request: SandboxRequest) => Promise<Answer>): Server {
  return createServer((incoming, response) => {
    answer(incoming, response, handle).catch((error: unknown) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  handle: (request: SandboxRequest) => Promise<Answer>,
): Promise<void> {
  const body = await readBody(incoming);
  if (!body) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const result = await handle(toRequest(incoming, body));
  if (result === 'no-answer') return;
  if (result === 'hang-up') {
    response.destroy();
    return;
  }
  response.writeHead(result.status, result.headers).end(result.body);
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toRequest(incoming: IncomingMessage, body: Buffer): SandboxRequest {
  const target = incoming.url ?? '/';
  const [path = '/'] = target.split('?', 1);
  const query = new URLSearchParams(target.slice(path.length + 1));
  return { method: incoming.method ?? 'GET', target, path, query, headers: incoming.headers, body };
}
