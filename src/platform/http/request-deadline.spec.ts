import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpError } from './problem/http.errors.js';
import { addRequestDeadline } from './request-deadline.js';

describe('a deadline for many requests', () => {
  let server: FastifyInstance;
  let finish: PromiseWithResolvers<string>;
  beforeEach(() => {
    server = fastify();
    finish = Promise.withResolvers();
    addRequestDeadline(server, 100);
    server.setErrorHandler<HttpError>((error, _request, reply) => reply.code(503).send(error.code));
    server.get('/quick', () => 'done');
    server.get('/slow', () => finish.promise);
  });
  afterEach(() => server.close());

  const get = async (url: string) => {
    const { statusCode, body } = await server.inject(url);
    return [statusCode, body];
  };
  const expired = [503, 'request.timeout'];

  it('ends each that is too slow, and none that is not', async () => {
    const answers = await Promise.all(['/slow', '/quick', '/slow', '/quick', '/slow'].map(get));
    expect(answers).toEqual([expired, [200, 'done'], expired, [200, 'done'], expired]);
  });

  it('goes on after a while in which nothing was asked', async () => {
    expect(await get('/slow')).toEqual(expired);
    expect(await get('/quick')).toEqual([200, 'done']);
    expect(await get('/slow')).toEqual(expired);
  });

  it('drops the late answer', async () => {
    const slow = get('/slow');
    expect(await slow).toEqual(expired);
    finish.resolve('late');
    expect(await get('/quick')).toEqual([200, 'done']);
    expect(await slow).toEqual(expired);
  });

  it('is none for what is answered in time, however late others are', async () => {
    const [late, inTime] = [get('/slow'), get('/slow')];
    finish.resolve('in time');
    expect(await Promise.all([late, inTime])).toEqual([
      [200, 'in time'],
      [200, 'in time'],
    ]);
  });
});
