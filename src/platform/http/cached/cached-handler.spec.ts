import fastify, { type FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import { register } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { oneProcess, type OneProcess } from '../../cache/cache.fixture.js';
import type { RateLimits } from '../../rate-limit/rate-limits.js';
import { answerCodec } from './cached-answer.js';
import { CachedHandler } from './cached-handler.js';

describe('a cached route', () => {
  let shop: OneProcess;
  let server: FastifyInstance;
  let parsed: number;
  let made: string[];

  beforeEach(() => {
    shop = oneProcess();
    [parsed, made] = [0, []];
    server = fastify();
    const counted = z.object({ q: z.string().max(9).default('') }).transform(query => (parsed++, query));
    const handler = new CachedHandler({
      route: {
        options: { name: 'test', ttlMs: 60_000, maxAgeSeconds: 1, tags: () => [] },
        inputs: [{ index: 0, from: 'query', schema: counted }],
        controller: Object,
        member: 'make',
      },
      url: '/',
      limit: undefined,
      places: new LRUCache({ max: 1_000 }),
      cache: shop.caches.declare({ name: 'test', version: '1', codec: answerCodec, ttlMs: 60_000 }),
      make: query => {
        made.push((query as { q: string }).q);
        return query;
      },
      admission: { admit: () => undefined },
      limits: {} as RateLimits,
      compressAbove: 1_000,
    });
    const response = { 200: { type: 'object', properties: { q: { type: 'string' } } } };
    server.decorateRequest('context', { getter: () => ({}) as never });
    server.get('/', { schema: { response } }, (request, reply) => handler.handle(request, reply));
  });
  afterEach(async () => {
    await server.close();
    shop.stop();
    register.clear();
  });

  const get = async (url: string) => (await server.inject({ url })).body;

  it('parses a URL once, and knows one answer by many of them', async () => {
    const urls = ['/?q=a', '/?q=a', '/?q=a&x=1', '/?q=%61', '/?q=b', '/?q=a'];
    const answers = [];
    for (const url of urls) answers.push(await get(url));
    expect(answers).toEqual(['a', 'a', 'a', 'a', 'b', 'a'].map(q => `{"q":"${q}"}`));
    expect([parsed, made]).toEqual([4, ['a', 'b']]);
  });

  it('remembers nothing of what it refuses', async () => {
    for (let times = 0; times < 2; times++)
      expect((await server.inject({ url: `/?q=${'x'.repeat(10)}` })).statusCode).toBe(500);
    expect([parsed, made]).toEqual([0, []]);
  });

  it('parses again after a flood of other URLs, and keeps none that are long', async () => {
    await get('/?q=a');
    for (let index = 0; index < 1_000; index++) await get(`/?q=a&x=${index}`);
    expect([await get('/?q=a'), parsed]).toEqual(['{"q":"a"}', 1_002]);
    for (let times = 0; times < 2; times++) await get(`/?q=a&x=${'y'.repeat(300)}`);
    expect([parsed, made]).toEqual([1_004, ['a']]);
  });
});
