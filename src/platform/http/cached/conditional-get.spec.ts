import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { conditionalGet } from './conditional-get.js';

async function get(headers: Record<string, string> = {}, maxAgeSeconds?: number, status = 200) {
  const server = fastify();
  server.addHook('onSend', conditionalGet);
  const options = { name: 'test', ttlMs: 0, maxAgeSeconds, tags: () => [] };
  const cached = maxAgeSeconds === undefined ? undefined : { options, inputs: [] };
  server.get('/', { config: { cached } as never }, (_request, reply) =>
    reply.code(status).send({ name: '商品' }),
  );
  return server.inject({ url: '/', headers });
}

describe('a cacheable answer', () => {
  it('carries its age and a tag that is the same for the same bytes', async () => {
    const [first, second] = [await get({}, 30), await get({}, 30)];
    expect(first.headers['cache-control']).toBe('public, max-age=30');
    expect(first.headers.etag).toMatch(/^W\/"[\w-]+"$/);
    expect(second.headers.etag).toBe(first.headers.etag);
  });

  it.each([
    ['the tag', (etag: string) => etag],
    ['the tag without its weakness', (etag: string) => etag.replace('W/', '')],
    ['one tag of several', (etag: string) => `"other", ${etag}`],
    ['any tag', () => '*'],
  ])('is not sent again to a client that has %s', async (_, ask) => {
    const etag = String((await get({}, 30)).headers.etag);
    const answer = await get({ 'if-none-match': ask(etag) }, 30);
    expect(answer.statusCode).toBe(304);
    expect(answer.body).toBe('');
    expect(answer.headers.etag).toBe(etag);
    expect(answer.headers['cache-control']).toBe('public, max-age=30');
    expect(answer.headers.vary).toBe((await get({}, 30)).headers.vary);
    expect(answer.headers.vary).toBe('accept-encoding');
  });

  it('is sent in full to a client that has another one', async () => {
    expect((await get({ 'if-none-match': 'W/"old"' }, 30)).json()).toEqual({ name: '商品' });
  });
});

describe('any other answer', () => {
  it.each([
    ['of a route that is not cacheable', undefined, 200],
    ['that is an error of a cacheable route', 30, 404],
  ])('is never stored: one %s', async (_, maxAgeSeconds, status) => {
    const answer = await get({ 'if-none-match': '*' }, maxAgeSeconds, status);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers.etag).toBeUndefined();
  });
});
