import { once } from 'node:events';
import { constants } from 'node:http2';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HttpConfig } from '../../src/platform/http/http.config.ts';
import { ManagementServer } from '../../src/platform/http/management.server.ts';
import { freePort } from '../../tools/embedded/ports.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Http2Client, outcomeOf } from '../support/http2-client.ts';
import { FrameClient, frameTypes, type Frame } from '../support/http2-frames.ts';
import { flawOf } from '../support/problems.ts';
import { lockUser, waitingForLocks } from '../support/row-lock.ts';
import { homeAddress, Shopper } from '../support/shopper.ts';
import { until } from '../support/until.ts';

const maxStreams = 10;
const isRoomFor =
  (stream: number) =>
  ({ type, streamId }: Frame): boolean =>
    type === frameTypes.windowUpdate && streamId === stream;
const { NGHTTP2_NO_ERROR, NGHTTP2_PROTOCOL_ERROR, NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM } =
  constants;

describe('a client of HTTP/2 that goes too far', () => {
  let shop: TestApp;
  let port: number;
  let shopper: Shopper;
  const clients: { close(): void }[] = [];
  beforeAll(async () => {
    port = await freePort();
    shop = await startApp({
      HTTP_H2C_PORT: `${port}`,
      HTTP_MAX_STREAMS: `${maxStreams}`,
      HTTP_RECEIVE_TIMEOUT: '1s',
      HTTP_KEEP_ALIVE_TIMEOUT: '1s',
      HTTP_REQUEST_TIMEOUT: '20s',
      DATABASE_LOCK_TIMEOUT: '20s',
      DATABASE_STATEMENT_TIMEOUT: '20s',
      QUEUE_CONSUME: 'false',
    });
    shopper = await Shopper.login(shop);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(() => shop.stop());

  async function frames(): Promise<FrameClient> {
    const client = await FrameClient.connect(port);
    clients.push(client);
    return client;
  }

  async function open(): Promise<Http2Client> {
    const client = await Http2Client.connect(`http://127.0.0.1:${port}`);
    clients.push(client);
    return client;
  }

  const json = { 'content-type': 'application/json' };
  const posting = (path: string) => ({
    ...json,
    authorization: `Bearer ${shopper.token}`,
    ':method': 'POST',
    ':path': path,
  });
  const isServed = async (): Promise<boolean> => (await (await open()).send('/ping')).status === 200;
  const count = async (labels: RegExp): Promise<number> => {
    const url = `http://127.0.0.1:${shop.app.get(ManagementServer).port}/metrics`;
    const lines = (await (await fetch(url)).text()).split('\n');
    const name = 'http_server_request_duration_seconds_count';
    const samples = lines.filter(line => line.startsWith(name) && labels.test(line));
    return samples.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };

  it('has half a body taken for none when it resets the stream', async () => {
    const client = await frames();
    const before = await count(/"499"/);
    client.request(1, posting('/api/v1/addresses'), true);
    client.body(1, JSON.stringify(homeAddress));
    for (let more = 0; more < 3; more++) client.body(1, ' '.repeat(16_000));
    // So much of it that the server has to ask for more, which it does when it has read some.
    await until('it is being read', () => client.frames.some(isRoomFor(1)));
    client.reset(1);
    client.request(3, posting('/api/v1/addresses'), true);
    client.body(3, JSON.stringify(homeAddress));
    client.reset(3);
    await until('it has left twice', async () => (await count(/"499"/)) === before + 2);
    expect((await shopper.get<{ items: unknown[] }>('/addresses')).body.items).toEqual([]);
  });

  it('is told 408 over a slow body, and loses no more than the stream', async () => {
    const client = await open();
    const headers = { ...json, authorization: `Bearer ${shopper.token}` };
    const stream = client.open('/api/v1/addresses', { method: 'POST', headers }, false);
    const slow = outcomeOf(stream);
    stream.write('{');
    const refused = await slow;
    expect([refused.status, flawOf(refused), refused.end]).toEqual([408, undefined, 'NGHTTP2_NO_ERROR']);
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'request.too_slow' });
    expect(await client.send('/ping')).toMatchObject({ status: 200 });
  });

  it.each([
    ['far too large', 413, json, 3 * 1_048_576],
    ['that nobody reads', 415, { 'content-type': 'text/plain' }, 100_000],
  ])('does not get rid of a body %s', async (_, status, type, bytes) => {
    const client = await open();
    const headers = { ...type, authorization: `Bearer ${shopper.token}` };
    const stream = client.open('/api/v1/addresses', { method: 'POST', headers }, false);
    const refused = outcomeOf(stream);
    // Without an end: who waits for it, waits for ever.
    stream.write(' '.repeat(bytes));
    expect(await refused).toMatchObject({ status, end: 'NGHTTP2_NO_ERROR' });
    expect(await client.send('/ping')).toMatchObject({ status: 200 });
  });

  it('has its requests refused, to be sent again, above the number that the server allows', async () => {
    const client = await frames();
    const streams = Array.from({ length: maxStreams * 2 }, (_, index) => index * 2 + 1);
    for (const stream of streams) client.request(stream, posting('/api/v1/addresses'), true);
    await until('they are refused', () => client.resets.size === maxStreams);
    expect([...client.resets]).toEqual(streams.slice(maxStreams).map(id => [id, NGHTTP2_REFUSED_STREAM]));
  });

  it('loses its connection when it has agreed to that number', async () => {
    const client = await frames();
    client.agree();
    for (let stream = 1; stream <= maxStreams * 4; stream += 2) {
      client.request(stream, posting('/api/v1/addresses'), true);
    }
    await until('the server hangs up', () => client.isClosed);
    expect(client.goaway).toBe(NGHTTP2_PROTOCOL_ERROR);
    expect(await isServed()).toBe(true);
  });

  it('keeps to the size of headers, or loses the stream', async () => {
    const client = await open();
    const { headerLimit } = shop.app.get(HttpConfig);
    const sent = (bytes: number) => client.send('/ping', { headers: { 'x-large': 'x'.repeat(bytes) } });
    expect(await sent(headerLimit - 1_000)).toMatchObject({ status: 200 });
    expect(await sent(headerLimit)).toMatchObject({ status: 0, end: 'NGHTTP2_ENHANCE_YOUR_CALM' });
    expect(await client.send('/ping')).toMatchObject({ status: 200 });
  });

  it('is cut off when it opens streams only to reset them', async () => {
    const client = await frames();
    client.agree();
    const before = await count(/ping/);
    const storm = 20_000;
    for (let stream = 1; stream < storm * 2 && !client.isClosed; stream += 2) {
      client.request(stream);
      client.reset(stream);
    }
    await until('the server hangs up', () => client.isClosed);
    expect(client.goaway).toBe(NGHTTP2_INTERNAL_ERROR);
    expect(await isServed()).toBe(true);
    expect((await count(/ping/)) - before).toBeLessThan(storm / 10);
  });

  it('is sent away at once when it speaks HTTP/1.1, and counted', async () => {
    const before = await count(/malformed/);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.write('GET /ping HTTP/1.1\r\nhost: shop\r\n\r\n');
    await once(socket, 'close');
    await until('it is counted', async () => (await count(/malformed/)) === before + 1);
  });

  it('is told to go when it has nothing to ask any more', async () => {
    const client = await frames();
    await until('the server hangs up', () => client.isClosed);
    expect(client.goaway).toBe(NGHTTP2_NO_ERROR);
  });

  it('gets the answer first that takes longer than that', async () => {
    const client = await open();
    const lock = await lockUser(shop.database, shopper.userId);
    const { token } = shopper;
    const slow = client.send('/api/v1/me', { method: 'PATCH', token, body: { nickname: '小鱼' } });
    await until('it waits', async () => (await waitingForLocks(shop.database)) > 0);
    await until('it is told to go', () => client.goaways.length > 0);
    await lock.release();
    expect(await slow).toMatchObject({ status: 200 });
    await until('the connection is closed', () => client.session.destroyed);
  });
});

describe('one connection too many', () => {
  it('is closed unanswered, and there is room again when another one goes', async () => {
    const port = await freePort();
    const shop = await startApp({ HTTP_H2C_PORT: `${port}`, HTTP_MAX_CONNECTIONS: '1' });
    const url = `http://127.0.0.1:${port}`;
    const first = await Http2Client.connect(url);
    await expect(Http2Client.connect(url)).rejects.toThrow();
    expect(await first.send('/ping')).toMatchObject({ status: 200 });
    first.close();
    await until('there is room', () =>
      Http2Client.connect(url).then(
        client => (client.close(), true),
        () => false,
      ),
    );
    await shop.stop();
  });
});
