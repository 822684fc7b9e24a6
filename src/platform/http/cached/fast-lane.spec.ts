import { once } from 'node:events';
import { createServer, request as send, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { LRUCache } from 'lru-cache';
import { register } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { oneProcess, slot, type OneProcess } from '../../cache/cache.fixture.js';
import type { Cache } from '../../cache/cache.js';
import type { AddressLimits } from '../limit/rate-limiting.js';
import { RequestRecorder, type Ended } from '../request-recorder.js';
import { Admission } from './admission.js';
import { answerCodec, CachedAnswer } from './cached-answer.js';
import type { CachedAnswers } from './cached-answers.js';
import { CachedHandler, type Place } from './cached-handler.js';
import { FastLane, openFastLane } from './fast-lane.js';

const body = JSON.stringify({ name: '绿茶'.repeat(500) });
const tea = slot('tea');

describe('the fast lane', () => {
  let shop: OneProcess;
  let server: Server;
  let cache: Cache<CachedAnswer>;
  let ended: Ended[];
  let routed: string[];
  let isDraining: boolean;
  let read: () => Promise<CachedAnswer | null>;
  const admit = vi.fn<Admission['admit']>();
  const take = vi.fn<AddressLimits['take']>();

  beforeEach(async () => {
    shop = oneProcess();
    [ended, routed, isDraining] = [[], [], false];
    read = () => Promise.resolve(null);
    admit.mockReset().mockReturnValue(undefined);
    take.mockReset().mockReturnValue(null);
    cache = shop.caches.declare({
      name: 'test',
      version: '1',
      codec: answerCodec,
      ttlMs: 1_000,
      staleMs: 60_000,
    });
    await cache.put(tea, new CachedAnswer(Buffer.from(body)));
    server = createServer((request, response) => {
      routed.push(`${request.method} ${request.url}`);
      response.writeHead(404).end();
    });
    openFastLane(server, laneTo(handlerOf()));
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(() => {
    vi.useRealTimers();
    server.close();
    server.closeAllConnections();
    shop.stop();
    register.clear();
  });

  function handlerOf(): CachedHandler {
    return new CachedHandler({
      route: {
        options: { name: 'test', ttlMs: 1_000, maxAgeSeconds: 1, tags: () => [] },
        inputs: [],
        controller: Object,
        member: 'make',
      },
      url: '/teas/:id',
      limit: undefined,
      places: new LRUCache({ max: 1 }),
      cache,
      make: () => undefined,
      admission: { admit },
      limits: {} as never,
      compressAbove: 1_000,
    });
  }

  function laneTo(handler: CachedHandler): FastLane {
    const recorder = new RequestRecorder({ 'x-content-type-options': 'nosniff' });
    vi.spyOn(recorder, 'end').mockImplementation(end => void ended.push(end));
    const places: Record<string, Place> = {
      '/teas/1': { handler, slot: tea, read: () => read() },
      '/teas/2': { handler, slot: slot('not held'), read: () => read() },
    };
    return new FastLane({
      answers: { placeOf: url => places[url] } as CachedAnswers,
      admission: { admit },
      addresses: { take } as unknown as AddressLimits,
      addressOf: () => '203.0.113.7',
      recorder,
      compressAbove: 1_000,
      isDraining: () => isDraining,
    });
  }

  async function ask(path: string, headers: IncomingHttpHeaders = {}, method = 'GET') {
    const { port } = server.address() as AddressInfo;
    const outgoing = send({ port, path, headers, method, agent: false }).end();
    const [answer] = await once(outgoing, 'response');
    return { status: answer.statusCode, headers: answer.headers, text: await text(answer) };
  }

  it('sends what is held, once with everything that is recorded of a request', async () => {
    admit.mockImplementation(({ context }) => void (context.userId = 'u1'));
    const answer = await ask('/teas/1', { 'x-request-id': 'mine' });
    expect(answer).toMatchObject({ status: 200, text: body });
    expect(answer.headers).toMatchObject({
      'x-request-id': 'mine',
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=1',
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      vary: 'accept-encoding',
    });
    await vi.waitFor(() => expect(ended).toHaveLength(1));
    expect(ended[0]).toMatchObject({ method: 'GET', route: '/teas/:id', status: 200, ip: '203.0.113.7' });
    expect(ended[0]!.context).toMatchObject({ requestId: 'mine', userId: 'u1' });
    expect(answer.headers['x-trace-id']).toBe(ended[0]!.context.traceId);
    expect([routed, take.mock.calls]).toEqual([[], [[undefined, '203.0.113.7']]]);
  });

  it('sends it zipped to who takes that, and not at all to who has it', async () => {
    const zipped = await ask('/teas/1', { 'accept-encoding': 'gzip, deflate' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    const known = await ask('/teas/1', { 'if-none-match': zipped.headers.etag });
    expect(known).toMatchObject({ status: 304, text: '' });
    expect(known.headers).toMatchObject({ etag: zipped.headers.etag, vary: 'accept-encoding' });
    for (const name of ['content-type', 'content-length', 'content-encoding']) {
      expect(known.headers).not.toHaveProperty(name);
    }
  });

  it.each<[string, () => void, ...Parameters<typeof ask>]>([
    ['another address', () => undefined, '/coffees/1'],
    ['what is not held', () => undefined, '/teas/2'],
    ['another method', () => undefined, '/teas/1', {}, 'HEAD'],
    ['encodings to be weighed', () => undefined, '/teas/1', { 'accept-encoding': 'br;q=1, gzip;q=0.5' }],
    ['a process on its way out', () => void (isDraining = true), '/teas/1'],
    ['one who is refused', () => admit.mockImplementation(throwing), '/teas/1'],
    ['one who is not known yet', () => admit.mockResolvedValue(), '/teas/1'],
    ['one whose session cannot be read', () => admit.mockRejectedValue(new Error('away')), '/teas/1'],
    ['one who asks too often', () => take.mockReturnValue(new Error('often') as never), '/teas/1'],
  ])('leaves to the routes, and records nothing of, %s', async (_, given, ...asked) => {
    given();
    expect((await ask(...asked)).status).toBe(404);
    expect([routed.length, ended]).toEqual([1, []]);
  });

  it('counts nobody twice whom it leaves to the routes for how they ask', async () => {
    await ask('/teas/1', { 'accept-encoding': 'gzip;q=1' });
    expect(take).not.toHaveBeenCalled();
  });

  it('sends what is stale, and has it read again behind it, once', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    await cache.put(tea, new CachedAnswer(Buffer.from('old')));
    vi.advanceTimersByTime(2_000);
    const fresh = Promise.withResolvers<CachedAnswer>();
    let reads = 0;
    read = () => (reads++, fresh.promise);
    expect([(await ask('/teas/1')).text, (await ask('/teas/1')).text]).toEqual(['old', 'old']);
    fresh.resolve(new CachedAnswer(Buffer.from('new')));
    await vi.waitFor(async () => expect((await ask('/teas/1')).text).toBe('new'));
    expect([reads, routed]).toEqual([1, []]);
  });
});

function throwing(): never {
  throw new Error('refused');
}
