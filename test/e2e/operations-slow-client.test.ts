import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setInterval } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { call } from '../support/http.ts';
import { until } from '../support/until.ts';

const receiveTimeoutMs = 2_000;
const head = 'POST /api/v1/auth/wechat HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n';

describe('a client that sends drop by drop', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp({
      HTTP_RECEIVE_TIMEOUT: `${receiveTimeoutMs}ms`,
      HTTP_REQUEST_TIMEOUT: '300ms',
      // A slower one would only be refused in production, where the two are compared.
      DATABASE_STATEMENT_TIMEOUT: '200ms',
      QUEUE_CONSUME: 'false',
    });
  });
  afterAll(() => shop.stop());

  /** Writes `first`, then one byte every 50 ms until the server closes the connection; what came back, and when. */
  async function drip(first: string): Promise<{ readonly answer: string; readonly tookMs: number }> {
    const socket = connect(Number(new URL(shop.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const startedAt = performance.now();
    const chunks: Buffer[] = [];
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => chunks.push(chunk));
    const closed = once(socket, 'close');
    socket.write(first);
    await dripUntilClosed(socket);
    await closed;
    return { answer: Buffer.concat(chunks).toString(), tookMs: performance.now() - startedAt };
  }

  async function dripUntilClosed(socket: Socket): Promise<void> {
    for await (const _ of setInterval(50)) {
      if (socket.destroyed || socket.writableEnded || socket.readableEnded) return;
      socket.write('x');
    }
  }

  it.each([
    ['body', `${head}Content-Length: 100000\r\n\r\n{`],
    ['body of unknown length', `${head}Transfer-Encoding: chunked\r\n\r\nffff\r\n{`],
    ['head', `${head}X-Slow: `],
  ])('is told 408 and loses its connection over the %s', async (_, first) => {
    const { answer, tookMs } = await drip(first);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"request.too_slow"');
    expect(answer.toLowerCase()).toContain('connection: close');
    expect(tookMs).toBeGreaterThan(receiveTimeoutMs - 50);
    expect(tookMs).toBeLessThan(receiveTimeoutMs * 4);
  });

  it('does not stand in the way of others', async () => {
    let connected = 0;
    shop.app.getHttpServer().on('connection', () => (connected += 1));
    const slow = Array.from({ length: 20 }, () => drip(`${head}Content-Length: 100000\r\n\r\n{`));
    await until('they are connected', () => connected >= 20);
    expect((await call('GET', `${shop.url}/ping`)).status).toBe(200);
    for (const { answer } of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});
