import { Logger } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { newId } from '../../kernel/id.js';
import { requireIdempotencyKey } from '../idempotency/idempotency.js';
import { runInContext, type RequestContext } from '../tracing/request-context.js';
import { startWork, untraced } from '../tracing/spans.js';
import type { Caller } from './caller.js';
import { conditionalGet } from './conditional-get.js';
import { languageOf } from './problem.js';
import type { RequestMetrics } from './request-metrics.js';

declare module 'fastify' {
  interface FastifyRequest {
    context: RequestContext;
    caller?: Caller;
    /** The code of the problem this request ended with. */
    problemCode?: string;
  }
}

const acceptableRequestId = /^[A-Za-z0-9_.-]{1,64}$/;
/** Probes answer outside the access log, metrics and traces: they would drown everything else. */
const probes = new Set(['/livez', '/readyz', '/startupz']);
const logger = new Logger('Access');

/**
 * What happens around every request, as Fastify hooks: log → parse → (Nest: auth → validate → handler) → compress.
 * Hooks cost nothing measurable where an interceptor would cost most of a handler.
 */
export function addRequestHooks(
  server: FastifyInstance,
  metrics: RequestMetrics,
  isDraining: () => boolean,
): void {
  server.decorateRequest('context', null as unknown as RequestContext);
  server.addHook('onRequest', (request, reply, done) => {
    open(request, reply);
    done();
  });
  server.addHook('preValidation', (request, _reply, done) => done(keyError(request)));
  // The body arrives on the socket's own async context, so the request's context is entered after parsing.
  server.addHook('preHandler', (request, _reply, done) => runInContext(request.context, done));
  server.addHook('onSend', conditionalGet);
  server.addHook('onSend', async (_request, reply) => {
    // A kept-alive connection would hold the shutdown for as long as it idles (ecosystem trap 1).
    if (isDraining()) reply.header('connection', 'close');
  });
  server.addHook('onResponse', (request, reply, done) => {
    close(request, reply, metrics);
    done();
  });
}

function open(request: FastifyRequest, reply: FastifyReply): void {
  const { headers } = request;
  const given = headers['x-request-id'];
  const requestId = typeof given === 'string' && acceptableRequestId.test(given) ? given : newId();
  const traceparent = typeof headers.traceparent === 'string' ? headers.traceparent : undefined;
  const route = routeOf(request);
  const context = probes.has(route)
    ? untraced(requestId)
    : startWork(`${request.method} ${route}`, SpanKind.SERVER, requestId, traceparent);
  context.language = languageOf(headers['accept-language']);
  request.context = context;
  reply.headers({
    'x-request-id': requestId,
    'x-trace-id': context.traceId,
    'x-content-type-options': 'nosniff',
  });
}

/** A key that is no key would be dropped in silence by a route that keeps none, and its client trusts in it. */
function keyError({ method, headers, is404 }: FastifyRequest): Error | undefined {
  const key = headers['idempotency-key'];
  if (method !== 'POST' || is404 || key === undefined) return undefined;
  try {
    requireIdempotencyKey(String(key));
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function close(request: FastifyRequest, reply: FastifyReply, metrics: RequestMetrics): void {
  const route = routeOf(request);
  if (probes.has(route)) return;
  const { method, context, ip } = request;
  const { statusCode, elapsedTime } = reply;
  metrics.record(method, route, statusCode, elapsedTime / 1_000);
  const { traceId, requestId, userId, staffId, span } = context;
  const ms = Math.round(elapsedTime * 10) / 10;
  logger.log(
    {
      trace_id: traceId,
      request_id: requestId,
      user_id: userId,
      staff_id: staffId,
      method,
      route,
      status: statusCode,
      code: request.problemCode,
      ms,
      ip,
    },
    `${method} ${route} ${statusCode}`,
  );
  span?.setAttributes({
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': statusCode,
  });
  span?.end();
}

/** The route's template, never the raw URL: labels and log fields must stay bounded. */
function routeOf(request: FastifyRequest): string {
  return request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
}
