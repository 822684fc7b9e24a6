import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ByEnding } from '../../kernel/by-ending.js';
import { newId } from '../../kernel/id.js';
import type { AccessLog } from '../logging/access-log.js';
import type { RequestContext } from '../tracing/request-context.js';
import { encodeAttributes, SpanKind } from '../tracing/span.js';
import { startWork, untraced } from '../tracing/spans.js';
import { languageOf } from './problem/problem.js';
import type { RequestMetrics } from './request-metrics.js';

const acceptableRequestId = /^[A-Za-z0-9_.-]{1,64}$/;
/** Probes answer outside the access log, metrics and traces: they would drown everything else. */
const probes = new Set(['/livez', '/readyz', '/startupz']);
/** Known to nginx: the client had gone before it was answered. */
const clientClosedRequest = 499;
/** A request that never became one has neither. */
const unknownMethod = '_OTHER';
const unmatched = 'unmatched';

/** What was refused before there was a request: it has ids of its own. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly traceId: string;
}

/** What is told of a request once its connection is done with it. */
export interface Ended {
  readonly context: RequestContext;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  /** Of the problem it ended with. */
  readonly code?: string | undefined;
  readonly ip: string | undefined;
}

/**
 * One access line, one metric sample and one span a request, written when its connection is done with it: also when
 * the client has left, which is when a shop is slow.
 */
export class RequestRecorder {
  private metrics: RequestMetrics | undefined;
  private log: AccessLog | undefined;
  private readonly attributes = new ByEnding(attributesOf);

  /** `headers` are on every answer, whoever makes it. */
  constructor(readonly headers: Readonly<Record<string, string>>) {}

  /** The HTTP server is made before the application that has these. */
  recordWith(metrics: RequestMetrics, log: AccessLog): void {
    this.metrics = metrics;
    this.log = log;
  }

  /** `begun`: what the request is known by already, if it came another way. */
  open(request: FastifyRequest, reply: FastifyReply, begun?: RequestContext): void {
    const route = routeOf(request);
    const context = begun ?? this.begin(request.method, route, request.headers);
    context.language = languageOf(request.headers['accept-language']);
    request.context = context;
    const { requestId, traceId } = context;
    reply.header('x-request-id', requestId).header('x-trace-id', traceId).headers(this.headers);
    if (probes.has(route)) return;
    // Now, because a stream of HTTP/2 has lost its client's address when it closes.
    const { ip } = request;
    reply.raw.on('close', () => this.close(request, reply, route, ip));
  }

  /** Its ids, and a span if somebody collects them. */
  begin(method: string, route: string, headers: IncomingHttpHeaders): RequestContext {
    const given = headers['x-request-id'];
    const requestId = typeof given === 'string' && acceptableRequestId.test(given) ? given : newId();
    const traceparent = typeof headers['traceparent'] === 'string' ? headers['traceparent'] : undefined;
    return probes.has(route)
      ? untraced(requestId)
      : startWork(`${method} ${route}`, SpanKind.server, requestId, traceparent);
  }

  end({ context, method, route, status, code, ip }: Ended): void {
    const { traceId, requestId, userId, staffId, startedMs, span } = context;
    const elapsed = performance.now() - startedMs;
    const ms = Math.round(elapsed * 10) / 10;
    this.metrics?.record(method, route, status, elapsed / 1_000);
    this.log?.write({ traceId, requestId, userId, staffId, method, route, status, code, ms, ip });
    if (status >= 500) span?.fail();
    span?.end(this.attributes.of(method, route, status));
  }

  refuse({ status, code, traceId }: Refusal): void {
    const route = 'malformed';
    this.metrics?.record(unknownMethod, route, status, 0);
    this.log?.write({ traceId, requestId: traceId, route, status, code });
  }

  private close(request: FastifyRequest, reply: FastifyReply, opened: string, ip: string): void {
    const { context, method, problemCode: code } = request;
    // Static files may have sent it on since: nothing is there.
    const route = request.is404 ? unmatched : opened;
    this.end({ context, method, route, status: statusOf(reply.raw), code, ip });
  }
}

function attributesOf(method: string, route: string, status: number): string {
  return encodeAttributes({
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': status,
  });
}

/** What the client was told, if it was there to hear it all. */
export function statusOf(raw: ServerResponse): number {
  // Node finishes the answer on a stream of HTTP/2 that the client has reset, too.
  const isWhole = raw.writableFinished && !(raw as unknown as Partial<Http2ServerResponse>).stream?.aborted;
  return isWhole ? raw.statusCode : clientClosedRequest;
}

/** The route's template, never the raw URL: labels and log fields must stay bounded. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? unmatched;
}
