import type { FastifyInstance, FastifyReply } from 'fastify';
import { HttpError } from './problem/http.errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    deadline: NodeJS.Timeout | undefined;
  }
}

/**
 * Answers 503 `request.timeout` for a handler that is not done in `timeoutMs`; its late answer is dropped. A request
 * that is still arriving is not the handler's fault: `http.receiveTimeout` ends that. An answer that is on its way
 * takes as long as the client needs. (Fastify's own `handlerTimeout` lets go of a request as soon
 * as its body is read, and cuts slow downloads.)
 */
export function addRequestDeadline(server: FastifyInstance, timeoutMs: number): void {
  server.decorateRequest('deadline');
  server.addHook('preValidation', (request, reply, done) => {
    request.deadline = setTimeout(expire, timeoutMs, reply);
    done();
  });
  server.addHook('onResponse', (request, _reply, done) => {
    clearTimeout(request.deadline);
    done();
  });
}

function expire(reply: FastifyReply): void {
  if (reply.sent || reply.raw.headersSent) return;
  // What is left of an unread body would hold the socket, and nobody is there to read it.
  if (!reply.request.raw.complete) reply.header('connection', 'close');
  void reply.send(new HttpError('unavailable', 'request.timeout', 'the handler is too slow', 1));
}
