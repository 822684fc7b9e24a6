import type { FastifyInstance, FastifyReply } from 'fastify';
import { Overdue, type Watched } from '../concurrency/overdue.js';
import { HttpError } from './problem/http.errors.js';

declare module 'fastify' {
  interface FastifyReply {
    deadline?: Watched<FastifyReply>;
  }
}

/**
 * Answers 503 `request.timeout` for a handler that is not done in `timeoutMs`; its late answer is dropped. A request
 * that is still arriving is not the handler's fault: `http.receiveTimeout` ends that. An answer that is on its way
 * takes as long as the client needs. (Fastify's own `handlerTimeout` lets go of a request as soon
 * as its body is read, and cuts slow downloads.)
 */
export function addRequestDeadline(server: FastifyInstance, timeoutMs: number): void {
  const deadlines = deadlinesOf<FastifyReply>(timeoutMs, expire);
  server.decorateReply('deadline');
  server.addHook('preValidation', (_request, reply, done) => {
    reply.deadline = deadlines.watch(reply);
    done();
  });
  server.addHook('onResponse', (_request, { deadline }, done) => {
    if (deadline) deadlines.forget(deadline);
    done();
  });
}

/** How late the 503 may be. */
const lookEveryMs = 50;

/** For what is answered in another way. */
export function deadlinesOf<Item>(
  timeoutMs: number,
  expire: (item: Item, error: HttpError) => void,
): Overdue<Item> {
  const tell = (item: Item) =>
    expire(item, new HttpError('unavailable', 'request.timeout', 'the handler is too slow', 1));
  return new Overdue({ afterMs: timeoutMs, lookEveryMs, tell });
}

function expire(reply: FastifyReply, error: HttpError): void {
  if (reply.sent || reply.raw.headersSent) return;
  // What is left of an unread body would hold the socket, and nobody is there to read it.
  if (!reply.request.raw.complete) reply.header('connection', 'close');
  void reply.send(error);
}
