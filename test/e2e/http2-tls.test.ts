import { once } from 'node:events';
import { request } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Drain } from '../../src/platform/lifecycle/drain.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { makeCertificate } from '../support/certificate.ts';
import { Http2Client } from '../support/http2-client.ts';
import { lockUser, waitingForLocks } from '../support/row-lock.ts';
import { loginCode } from '../support/shopper.ts';
import { until } from '../support/until.ts';

const { cert, key } = makeCertificate();
const trusting = { ca: cert, servername: 'localhost' };

/** Everything that comes until the server closes, for what is written over HTTP/1.1. */
async function exchange({ url }: TestApp, text: string): Promise<string> {
  const options = {
    ...trusting,
    host: '127.0.0.1',
    port: Number(new URL(url).port),
    ALPNProtocols: ['http/1.1'],
  };
  const socket = connectTls(options);
  await once(socket, 'secureConnect');
  expect(socket.alpnProtocol).toBe('http/1.1');
  const chunks: Buffer[] = [];
  socket.on('error', () => undefined).on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(text);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

const secure = ({ url }: TestApp): string => url.replace('http:', 'https:');
const connectHttp2 = (shop: TestApp): Promise<Http2Client> => Http2Client.connect(secure(shop), trusting);

function startTls(): Promise<TestApp> {
  return startApp({
    HTTP_TLS_CERT: cert,
    HTTP_TLS_KEY: key,
    HTTP_RECEIVE_TIMEOUT: '1s',
    HTTP_KEEP_ALIVE_TIMEOUT: '1s',
    HTTP_REQUEST_TIMEOUT: '20s',
    DATABASE_LOCK_TIMEOUT: '20s',
    DATABASE_STATEMENT_TIMEOUT: '20s',
    HTTP_HEADER_LIMIT: '4096',
  });
}

async function logIn(shop: TestApp, client: Http2Client): Promise<{ token: string; userId: string }> {
  const { code } = await loginCode(shop);
  const { text } = await client.send('/api/v1/auth/wechat', { method: 'POST', body: { code } });
  const { accessToken, user } = JSON.parse(text) as { accessToken: string; user: { id: string } };
  return { token: accessToken, userId: user.id };
}

describe('the public port with a certificate', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startTls();
  });
  afterAll(() => shop.stop());

  it('speaks HTTP/2 with who can, and HTTP/1.1 with the others', async () => {
    const client = await connectHttp2(shop);
    expect(client.session.alpnProtocol).toBe('h2');
    const answers = await Promise.all(Array.from({ length: 300 }, () => client.send('/ping')));
    expect(answers.every(({ status, text }) => status === 200 && text === '{"message":"pong"}')).toBe(true);
    const old = await exchange(shop, 'GET /ping HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n');
    expect(old).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(old).toMatch(/\{"message":"pong"\}$/);
    client.close();
  });

  it('keeps connections of HTTP/1.1 as the plain port does', async () => {
    const sent = request(`${secure(shop)}/ping`, { ...trusting, agent: false });
    const [response] = await once(sent.setHeader('connection', 'keep-alive').end(), 'response');
    expect(response.headers).toMatchObject({ connection: 'keep-alive', 'keep-alive': 'timeout=1' });
    sent.destroy();
  });

  it.each([
    ['408 to a head that comes too slowly', 'GET /ping HTTP/1.1\r\nhost: shop\r\n', 408, 'request.too_slow'],
    [
      '408 to a body that comes too slowly',
      'POST /api/v1/auth/wechat HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
      408,
      'request.too_slow',
    ],
    [
      '431 to a head that is too large',
      `GET /ping HTTP/1.1\r\nhost: shop\r\nx: ${'x'.repeat(5_000)}\r\n\r\n`,
      431,
      'request.headers_too_large',
    ],
    ['400 to what is no HTTP', 'nonsense\r\n\r\n', 400, 'request.invalid'],
  ])('says %s', async (_, text, status, code) => {
    const answer = await exchange(shop, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain(`"code":"${code}"`);
  });

  it('hangs up on who speaks without TLS, or says nothing at all', async () => {
    for (const text of ['GET /ping HTTP/1.1\r\nhost: shop\r\n\r\n', '']) {
      const socket = connect(Number(new URL(shop.url).port), '127.0.0.1');
      socket.on('error', () => undefined).resume();
      socket.write(text);
      await once(socket, 'close');
    }
  });

  it('answers first what takes longer than a connection may idle', async () => {
    const client = await connectHttp2(shop);
    const { token, userId } = await logIn(shop, client);
    const lock = await lockUser(shop.database, userId);
    const slow = client.send('/api/v1/me', { method: 'PATCH', token, body: { nickname: '小鱼' } });
    await until('it waits', async () => (await waitingForLocks(shop.database)) > 0);
    await until('it is told to go', () => client.goaways.length > 0);
    await lock.release();
    expect(await slow).toMatchObject({ status: 200 });
  });
});

describe('the public port with a certificate, when the shop closes', () => {
  it('finishes what is under way in both versions', async () => {
    const shop = await startTls();
    const client = await connectHttp2(shop);
    const { token, userId } = await logIn(shop, client);
    const lock = await lockUser(shop.database, userId);
    const body = { nickname: '小鱼' };
    const slow = client.send('/api/v1/me', { method: 'PATCH', token, body });
    const old = exchange(
      shop,
      `PATCH /api/v1/me HTTP/1.1\r\nhost: shop\r\nauthorization: Bearer ${token}\r\n` +
        `content-type: application/json\r\ncontent-length: 16\r\n\r\n{"nickname":"x"}`,
    );
    await until('both wait', async () => (await waitingForLocks(shop.database)) === 2);
    shop.app.get(Drain).start();
    const stopped = shop.stop();
    await until('it says GOAWAY', () => client.goaways.length > 0);
    await lock.release();
    expect(await slow).toMatchObject({ status: 200 });
    expect(await old).toMatch(/^HTTP\/1\.1 200 /);
    await stopped;
  });
});
