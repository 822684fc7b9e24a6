import type { FastifyInstance, FastifyReply } from 'fastify';
import { Overdue } from '../concurrency/overdue.js';
import { HttpError } from './problem/http.errors.js';

/**
 * Answers 503 `request.timeout` for a handler that is not done in `timeoutMs`; its late answer is dropped. A request
 * that is still arriving is not the handler's fault: `http.receiveTimeout` ends that. An answer that is on its way
 * takes as long as the client needs. (Fastify's own `handlerTimeout` lets go of a request as soon
 * as its body is read, and cuts slow downloads.)
 */
export function addRequestDeadline(server: FastifyInstance, timeoutMs: number): void {
  const deadlines = new Overdue({ afterMs: timeoutMs, lookEveryMs, tell: expire });
  server.addHook('preValidation', (_request, reply, done) => {
    deadlines.watch(reply);
    done();
  });
  server.addHook('onResponse', (_request, reply, done) => {
    deadlines.forget(reply);
    done();
  });
}

/** How late the 503 may be. */
const lookEveryMs = 50;

function expire(reply: FastifyReply): void {
  if (reply.sent || reply.raw.headersSent) return;
  // What is left of an unread body would hold the socket, and nobody is there to read it.
  if (!reply.request.raw.complete) reply.header('connection', 'close');
  void reply.send(new HttpError('unavailable', 'request.timeout', 'the handler is too slow', 1));
}
