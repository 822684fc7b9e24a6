import { Readable } from 'node:stream';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { CachedAnswer } from './cached-answer.js';
import { conditionalGet } from './conditional-get.js';

type Headers = Readonly<Record<string, string>>;

async function get(url: string, headers: Headers = {}) {
  const server = fastify();
  server.addHook('onSend', conditionalGet);
  server.get('/kept', (_request, reply) => {
    const { headers, body } = new CachedAnswer(Buffer.from('{"name":"商品"}')).plain;
    for (let at = 0; at < headers.length; at += 2) reply.header(headers[at]!, headers[at + 1]);
    return reply.header('cache-control', 'public, max-age=30').send(body);
  });
  server.get('/other', () => ({ name: '商品' }));
  server.get('/failed', (_request, reply) => reply.code(404).header('etag', '"of nothing"').send({}));
  return server.inject({ url, headers });
}

describe('an answer that is kept', () => {
  it('carries a tag that is the same for the same bytes', async () => {
    const [first, second] = [await get('/kept'), await get('/kept')];
    expect(first.headers.etag).toMatch(/^W\/"[\w-]+"$/);
    expect(second.headers.etag).toBe(first.headers.etag);
  });

  it.each([
    ['the tag', (etag: string) => etag],
    ['the tag without its weakness', (etag: string) => etag.replace('W/', '')],
    ['one tag of several', (etag: string) => `"other", ${etag}`],
    ['any tag', () => '*'],
  ])('is not sent again to a client that has %s', async (_, ask) => {
    const full = await get('/kept');
    const answer = await get('/kept', { 'if-none-match': ask(String(full.headers.etag)) });
    expect([answer.statusCode, answer.body]).toEqual([304, '']);
    for (const name of ['etag', 'cache-control', 'vary'])
      expect(answer.headers[name]).toBe(full.headers[name]);
    expect(answer.headers['content-type']).toBeUndefined();
    expect(answer.headers.vary).toBe('accept-encoding');
  });

  it('is sent in full to a client that has another one', async () => {
    expect((await get('/kept', { 'if-none-match': 'W/"old"' })).json()).toEqual({ name: '商品' });
  });
});

describe('any other answer', () => {
  it.each([
    ['of a route that keeps nothing', '/other', 200],
    ['that is an error', '/failed', 404],
  ])('is never stored nor taken for what the client has: one %s', async (_, url, status) => {
    const answer = await get(url, { 'if-none-match': '*' });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe('an answer that is sent from a file', () => {
  it('keeps its stream, which nobody else would close', async () => {
    const server = fastify();
    server.addHook('onSend', conditionalGet);
    const file = Readable.from(['bytes of a picture']);
    server.get('/', (_request, reply) => reply.header('etag', 'W/"1"').send(file));
    const answer = await server.inject({ url: '/', headers: { 'if-none-match': '*' } });
    expect(answer).toMatchObject({ statusCode: 200, body: 'bytes of a picture' });
    expect(file.destroyed).toBe(true);
  });
});
