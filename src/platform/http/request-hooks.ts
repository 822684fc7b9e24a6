import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { runInContext, type RequestContext } from '../tracing/request-context.js';
import type { Caller } from './caller.js';
import { conditionalGet } from './cached/conditional-get.js';
import type { RequestRecorder } from './request-recorder.js';

declare module 'fastify' {
  interface FastifyRequest {
    context: RequestContext;
    caller?: Caller;
    /** The code of the problem this request ended with. */
    problemCode?: string;
  }
}

/** A request that has failed before it came to Fastify, which tells its client. */
export interface Failed {
  readonly context: RequestContext;
  readonly failure: unknown;
}

export type FailedRequests = WeakMap<IncomingMessage, Failed>;

/**
 * What happens around every request, as Fastify hooks: log → parse → (Nest: auth → validate → handler) → compress.
 * Hooks cost nothing measurable where an interceptor would cost most of a handler.
 */
export function addRequestHooks(
  server: FastifyInstance,
  recorder: RequestRecorder,
  failed: FailedRequests,
  isDraining: () => boolean,
): void {
  server.decorateRequest('context', null as unknown as RequestContext);
  server.addHook('onRequest', (request, reply, done) => {
    const before = failed.get(request.raw);
    recorder.open(request, reply, before?.context);
    done(before?.failure as Error | undefined);
  });
  // The body arrives on the socket's own async context, so the request's context is entered after parsing.
  server.addHook('preHandler', (request, _reply, done) => runInContext(request.context, done));
  server.addHook('onSend', conditionalGet);
  server.addHook('onSend', (_request, reply, payload, done) => {
    // A kept-alive connection would hold the shutdown for as long as it idles (ecosystem trap 1).
    if (isDraining()) reply.header('connection', 'close');
    done(null, payload);
  });
}
