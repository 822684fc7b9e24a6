import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { runInContext } from '../tracing/request-context.js';
import { SpanKind } from '../tracing/span.js';
import { startWork } from '../tracing/spans.js';
import { Drain } from '../lifecycle/drain.js';
import { WechatUnavailable } from './wechat-error.js';
import { ApiHttp, Deadline, PayHttp, repeatOnce, type WechatHttp } from './wechat-http.js';
import { startStub, testConfig } from './wechat.fixture.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** Longer than a test may take: what ends in time does so for another reason. */
const foreverMs = 60_000;

function client(overrides: Parameters<typeof testConfig>[0] = {}): WechatHttp {
  return toServer(ApiHttp, overrides);
}

function toServer(
  Http: typeof ApiHttp | typeof PayHttp,
  overrides: Parameters<typeof testConfig>[0] = {},
): WechatHttp {
  const http = new Http(
    testConfig({ requestTimeout: foreverMs, loginTimeout: foreverMs, ...overrides }),
    new Drain(),
  );
  cleanups.push(() => http.onApplicationShutdown());
  return http;
}

/** A server that writes `first` and then says nothing more. */
async function silentServer(first: string): Promise<{ readonly url: string; cut(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket.on('error', () => undefined));
    if (first) socket.write(first);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  cleanups.push(cut);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, cut };
}

describe('WechatHttp', () => {
  it('passes the trace on, and none where there is none', async () => {
    const stub = await startStub(() => ({ status: 200, body: '{}' }));
    cleanups.push(stub.close);
    const ask = () => client().send({ method: 'GET', url: stub.url }, new Deadline(2_000));
    await ask();
    const context = startWork(
      'test',
      SpanKind.server,
      'r',
      '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    );
    await runInContext(context, ask);
    expect(stub.requests.map(({ headers }) => headers['traceparent'])).toEqual([
      undefined,
      expect.stringContaining('4bf92f3577b34da6a3ce929d0e0e4736'),
    ]);
  });

  it.each([
    ['nothing at all', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['a head without its body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"a'],
  ])('does not hang on a server that sends %s', async (_, first) => {
    const { url } = await silentServer(first);
    await expect(client().send({ method: 'GET', url }, new Deadline(200))).rejects.toMatchObject({
      code: 'wechat.unavailable',
      cause: { name: 'TimeoutError' },
    });
  });

  it('says unavailable, with a time to come back, when nobody listens', async () => {
    const error = await client()
      .send({ method: 'GET', url: 'http://127.0.0.1:1/' }, new Deadline(500))
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'unavailable', code: 'wechat.unavailable', retryAfterSeconds: 1 });
  });

  it('refuses a call above the limit at once instead of queueing it', async () => {
    const { url, cut } = await silentServer('');
    const http = client({ maxInFlight: 1 });
    let isFirstPending = true;
    const first = http
      .send({ method: 'GET', url }, new Deadline(foreverMs))
      .finally(() => (isFirstPending = false));
    await expect(http.send({ method: 'GET', url }, new Deadline(foreverMs))).rejects.toThrow('under way');
    expect(isFirstPending).toBe(true);
    cut();
    await expect(first).rejects.toBeInstanceOf(WechatUnavailable);
  });

  it('leaves the mini-program API its calls, and its good name, when WeChat Pay hangs', async () => {
    const { url: hanging, cut } = await silentServer('');
    const api = await startStub(() => ({ status: 200, body: '{}' }));
    cleanups.push(api.close);
    const [payHttp, apiHttp] = [toServer(PayHttp, { maxInFlight: 3 }), toServer(ApiHttp, { maxInFlight: 3 })];
    const stuck = Array.from({ length: 3 }, () =>
      payHttp.send({ method: 'GET', url: hanging }, new Deadline(foreverMs)).catch(() => 'gave up'),
    );
    const answer = await apiHttp.send({ method: 'GET', url: api.url }, new Deadline(foreverMs));
    expect(answer.status).toBe(200);
    cut();
    expect(await Promise.all(stuck)).toEqual(['gave up', 'gave up', 'gave up']);
    expect([payHttp.isReachable, apiHttp.isReachable]).toEqual([false, true]);
  });

  it('stops reading an answer that does not end', async () => {
    const stub = await startStub(() => ({ status: 200, body: 'x'.repeat(2 * 1024 * 1024) }));
    cleanups.push(stub.close);
    await expect(client().send({ method: 'GET', url: stub.url }, new Deadline(foreverMs))).rejects.toThrow(
      WechatUnavailable,
    );
  });

  it('does not follow a redirect to somebody else', async () => {
    const stub = await startStub(() => ({
      status: 302,
      headers: { Location: 'http://127.0.0.1:1/' },
      body: '',
    }));
    cleanups.push(stub.close);
    const answer = await client().send({ method: 'GET', url: stub.url }, new Deadline(foreverMs));
    expect([answer.status, stub.requests.length]).toEqual([302, 1]);
  });
});

describe('repeatOnce', () => {
  it('gives up after the second failure', async () => {
    let attempts = 0;
    const failing = () => Promise.reject(new Error(`attempt ${++attempts}`));
    await expect(repeatOnce(new Deadline(5_000), () => true, failing)).rejects.toThrow('attempt 2');
    expect(attempts).toBe(2);
  });

  it('does not start what cannot end in time', async () => {
    let attempts = 0;
    const failing = () => Promise.reject(new Error(`attempt ${++attempts}`));
    await expect(repeatOnce(new Deadline(20), () => true, failing)).rejects.toThrow('attempt 1');
  });
});
