import type { FastifyInstance } from 'fastify';
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

/**
 * What happens around every request, as Fastify hooks: log → parse → (Nest: auth → validate → handler) → compress.
 * Hooks cost nothing measurable where an interceptor would cost most of a handler.
 */
export function addRequestHooks(
  server: FastifyInstance,
  recorder: RequestRecorder,
  isDraining: () => boolean,
): void {
  server.decorateRequest('context', null as unknown as RequestContext);
  server.addHook('onRequest', (request, reply, done) => {
    recorder.open(request, reply);
    done();
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
