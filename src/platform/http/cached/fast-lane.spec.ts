import { once } from 'node:events';
import { createServer, request as send, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { register } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { oneProcess, slot, type OneProcess } from '../../cache/cache.fixture.js';
import type { Cache } from '../../cache/cache.js';
import { AppError } from '../../../kernel/app-error.js';
import { CacheBusy } from '../../cache/cache.errors.js';
import { TooManyRequests } from '../../rate-limit/rate-limit.errors.js';
import type { RateLimits } from '../../rate-limit/rate-limits.js';
import { currentContext, type RequestContext } from '../../tracing/request-context.js';
import type { AddressLimits } from '../limit/rate-limiting.js';
import type { Failed, FailedRequests } from '../request-hooks.js';
import { RequestRecorder, type Ended } from '../request-recorder.js';
import { Admission } from './admission.js';
import { answerCodec, CachedAnswer } from './cached-answer.js';
import type { CachedAnswers } from './cached-answers.js';
import { CachedHandler, type Place } from './cached-handler.js';
import { openFastLane, type FastLaneParts } from './fast-lane.js';

const body = JSON.stringify({ name: '绿茶'.repeat(500) });
const tea = slot('tea');
const busy = new CacheBusy();
const often = new TooManyRequests('address', { units: 1, windowMs: 1_000 }, 500);

describe('the fast lane', () => {
  let shop: OneProcess;
  let server: Server;
  let cache: Cache<CachedAnswer>;
  let ended: Ended[];
  let routed: (Failed | undefined)[];
  let failed: FailedRequests;
  let isDraining: boolean;
  let read: () => Promise<CachedAnswer | null>;
  const admit = vi.fn<Admission['admit']>();
  const take = vi.fn<AddressLimits['take']>();
  const takeOfCaller = vi.fn<RateLimits['take']>();

  beforeEach(async () => {
    shop = oneProcess();
    [ended, routed, failed, isDraining] = [[], [], new WeakMap(), false];
    read = () => Promise.resolve(null);
    admit.mockReset().mockReturnValue(undefined);
    take.mockReset().mockReturnValue(null);
    takeOfCaller.mockReset().mockReturnValue(null);
    cache = shop.caches.declare({
      name: 'test',
      version: '1',
      codec: answerCodec,
      ttlMs: 1_000,
      staleMs: 60_000,
      negativeTtlMs: 1_000,
    });
    await cache.put(tea, new CachedAnswer(Buffer.from(body)));
    server = createServer((request, response) => {
      routed.push(failed.get(request));
      response.writeHead(404).end();
    });
    openFastLane(server, partsOf(handlerOf()));
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
    server.close();
    server.closeAllConnections();
    shop.stop();
    register.clear();
  });

  function handlerOf(): CachedHandler {
    return new CachedHandler({
      route: {
        options: { name: 'test', ttlMs: 1_000, maxAgeSeconds: 1, tags: () => [], absent: NoTea },
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
      limits: { take: takeOfCaller } as never,
      compressAbove: 1_000,
    });
  }

  function partsOf(handler: CachedHandler): FastLaneParts {
    const recorder = new RequestRecorder({ 'x-content-type-options': 'nosniff' });
    vi.spyOn(recorder, 'end').mockImplementation(end => void ended.push(end));
    const places: Record<string, Place> = {
      '/teas/1': { handler, slot: tea, read: () => read() },
      '/teas/2': { handler, slot: slot('not held'), read: () => read() },
      '/teas/3': { handler, slot: slot('known to be absent'), read: () => read() },
    };
    return {
      answers: { placeOf: url => places[url] } as CachedAnswers,
      admission: { admit },
      addresses: { take } as unknown as AddressLimits,
      addressOf: () => '203.0.113.7',
      recorder,
      failed,
      compressAbove: 1_000,
      requestTimeout: 100,
      isDraining: () => isDraining,
    };
  }

  function outgoing(path: string, headers: IncomingHttpHeaders = {}, method = 'GET') {
    const { port } = server.address() as AddressInfo;
    return send({ port, path, headers, method, agent: false }).end();
  }

  async function ask(...asked: Parameters<typeof outgoing>) {
    const [answer] = await once(outgoing(...asked), 'response');
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
    ['another method', () => undefined, '/teas/1', {}, 'HEAD'],
    ['encodings to be weighed', () => undefined, '/teas/1', { 'accept-encoding': 'br;q=1, gzip;q=0.5' }],
    ['a process on its way out', () => void (isDraining = true), '/teas/1'],
    ['one who is refused', () => admit.mockImplementation(throwing), '/teas/1'],
    ['one who is not known yet', () => admit.mockResolvedValue(), '/teas/1'],
    ['one whose session cannot be read', () => admit.mockRejectedValue(new Error('away')), '/teas/1'],
  ])('leaves to the routes, and records nothing of, %s', async (_, given, ...asked) => {
    given();
    expect((await ask(...asked)).status).toBe(404);
    expect([routed, ended]).toEqual([[undefined], []]);
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

  it('reads what is not held, once, within the request', async () => {
    const reading: (RequestContext | undefined)[] = [];
    read = () => (reading.push(currentContext()), Promise.resolve(new CachedAnswer(Buffer.from('new'))));
    expect(await ask('/teas/2')).toMatchObject({ status: 200, text: 'new' });
    await vi.waitFor(() => expect(ended).toHaveLength(1));
    expect(reading).toEqual([ended[0]!.context]);
    expect((await ask('/teas/2')).text).toBe('new');
    expect([reading.length, routed]).toEqual([1, []]);
  });

  it.each<[string, () => void, string, unknown]>([
    ['there is nothing', () => undefined, '/teas/2', expect.any(NoTea)],
    ['it cannot be read', () => (read = () => Promise.reject(busy)), '/teas/2', busy],
    [
      'it takes too long',
      () => (read = forEver),
      '/teas/2',
      expect.objectContaining({ code: 'request.timeout' }),
    ],
    ['its address asks too often', () => take.mockReturnValue(often), '/teas/1', often],
    ['its caller asks too often', () => takeOfCaller.mockReturnValue(often), '/teas/2', often],
  ])(
    'hands on to the routes, with everything that is known of it, a request of which %s',
    async (_, given, path, failure) => {
      admit.mockImplementation(({ context }) => void (context.userId = 'u1'));
      given();
      expect((await ask(path)).status).toBe(404);
      const context: unknown = expect.objectContaining({
        userId: 'u1',
        startedMs: expect.any(Number) as number,
      });
      expect([routed, ended]).toEqual([[{ failure, context }], []]);
      expect(take).toHaveBeenCalledOnce();
    },
  );

  it('hands on what is known to be absent', async () => {
    await cache.put(slot('known to be absent'), null);
    read = () => Promise.reject(new Error('nobody is to read'));
    expect((await ask('/teas/3')).status).toBe(404);
    expect(routed).toMatchObject([{ failure: expect.any(NoTea) as NoTea }]);
  });

  it('sends nothing late to who has been handed on', async () => {
    const late = Promise.withResolvers<CachedAnswer>();
    read = () => late.promise;
    expect((await ask('/teas/2')).status).toBe(404);
    late.resolve(new CachedAnswer(Buffer.from('late')));
    expect((await ask('/teas/2')).text).toBe('late');
    expect(routed).toHaveLength(1);
  });

  it('tells the log of what fails when it is too late to tell the client', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const late = Promise.withResolvers<CachedAnswer>();
    read = () => late.promise;
    expect((await ask('/teas/2')).status).toBe(404);
    late.reject(busy);
    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce());
    expect(warn.mock.lastCall).toMatchObject([{ err: busy }, expect.any(String)]);
  });

  it('hands nobody on who has gone before the deadline', async () => {
    read = forEver;
    const gone = outgoing('/teas/2').once('error', () => undefined);
    await vi.waitFor(() => expect(take).toHaveBeenCalled());
    gone.destroy();
    await vi.waitFor(() => expect(ended).toMatchObject([{ status: 499 }]));
    // Whoever asks later is handed on later.
    expect((await ask('/teas/2')).status).toBe(404);
    expect(routed).toHaveLength(1);
  });

  it('records once who has gone, and tells of what failed behind them', async () => {
    const reading = Promise.withResolvers<CachedAnswer>();
    read = () => reading.promise;
    const gone = outgoing('/teas/2').once('error', () => undefined);
    await vi.waitFor(() => expect(take).toHaveBeenCalled());
    gone.destroy();
    await vi.waitFor(() => expect(ended).toMatchObject([{ status: 499 }]));
    reading.reject(busy);
    await vi.waitFor(() => expect(routed).toMatchObject([{ failure: busy }]));
    expect(ended).toHaveLength(1);
  });

  it('lets no connection idle that it has answered on its way out', async () => {
    const reading = Promise.withResolvers<CachedAnswer>();
    read = () => reading.promise;
    const answer = ask('/teas/2', { connection: 'keep-alive' });
    await vi.waitFor(() => expect(take).toHaveBeenCalled());
    isDraining = true;
    reading.resolve(new CachedAnswer(Buffer.from('last')));
    expect(await answer).toMatchObject({ text: 'last', headers: { connection: 'close' } });
  });
});

class NoTea extends AppError {
  readonly kind = 'absent';
  readonly code = 'tea.absent';

  constructor() {
    super('no tea');
  }
}

const forEver = () => new Promise<never>(() => undefined);

function throwing(): never {
  throw new Error('refused');
}
