import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Admission } from './admission.js';
import type { AnswerPlace, CachedAnswers } from './cached-answers.js';
import type { CachedRoute } from './cached-route.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on the way to a `@Cached` route whose input is accepted. */
    answerPlace: AnswerPlace | undefined;
  }
}

/**
 * What `@Cached` routes hold is sent here, before guards, interceptors, pipes and serialisation: the caller's token is
 * verified by the same guard, the input by the same pipe, and whatever is not held, or refused, goes the whole way.
 */
export function serveCached(server: FastifyInstance, answers: CachedAnswers, admission: Admission): void {
  server.decorateRequest('answerPlace');
  if (!answers.isOn) return;
  server.addHook('preHandler', async (request, reply) => {
    const { cached } = request.routeOptions.config;
    // What was sent here goes no further.
    return cached && (await serve(request, reply, cached)) ? reply : undefined;
  });

  async function serve(request: FastifyRequest, reply: FastifyReply, route: CachedRoute): Promise<boolean> {
    await admission.admit(request);
    const place = await answers.placeOf(request, route);
    if (!place) return false;
    request.answerPlace = place;
    const bytes = answers.peek(place, reply);
    if (bytes === undefined || reply.sent) return false;
    void reply.send(bytes);
    return true;
  }
}
