import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../tools/embedded/ports.ts';
import { createSurroundings, type Surroundings } from '../support/app.ts';
import { Http2Client, type StreamOutcome, type StreamSending } from '../support/http2-client.ts';
import { FrameClient } from '../support/http2-frames.ts';
import { lockUser, waitingForLocks } from '../support/row-lock.ts';
import { Shopper } from '../support/shopper.ts';
import { startSibling, type Sibling } from '../support/sibling.ts';
import { paths, slowEnv } from '../support/steady-load.ts';
import { until } from '../support/until.ts';

const refused = 'NGHTTP2_REFUSED_STREAM';

/** As browsers and balancers do it: what was refused, by protocol without effect, is sent again where there is room. */
class Balancer {
  readonly answers: StreamOutcome[] = [];
  connections = 0;
  isShutOut = false;
  private readonly url: string;
  /** The current connection, or who opens it. */
  private client: Promise<Http2Client | undefined> | undefined;

  constructor(url: string) {
    this.url = url;
  }

  async send(path: string): Promise<void> {
    const asked = (this.client ??= this.connect());
    const client = await asked;
    if (!client) return;
    const answer = await client.send(path);
    if (answer.end !== refused) return void this.answers.push(answer);
    // The first to notice gives it up for all.
    if (this.client === asked) this.client = undefined;
    await this.send(path);
  }

  async close(): Promise<void> {
    (await this.client)?.close();
  }

  private async connect(): Promise<Http2Client | undefined> {
    try {
      const client = await Http2Client.connect(this.url);
      this.connections++;
      return client;
    } catch {
      this.isShutOut = true;
      return undefined;
    }
  }
}

describe('a process that is told to go while HTTP/2 is spoken', () => {
  let ground: Surroundings;
  let shop: Sibling;
  let url: string;
  const closing: (() => unknown)[] = [];
  beforeAll(async () => {
    ground = await createSurroundings();
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    shop.kill('SIGKILL');
    await shop.exited;
  });
  afterAll(() => ground.drop());

  async function start(env: Record<string, string>): Promise<void> {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    shop = await startSibling(ground, { ...slowEnv, HTTP_H2C_PORT: `${port}`, ...env });
  }

  async function connect(): Promise<Http2Client> {
    const client = await Http2Client.connect(url);
    closing.push(() => client.close());
    return client;
  }

  async function slowRequest(): Promise<{ readonly sending: StreamSending; release(): Promise<void> }> {
    const shopper = await Shopper.login({ url: shop.url, sandboxUrl: ground.sandboxUrl });
    const lock = await lockUser(ground.database, shopper.userId);
    const sending = { method: 'PATCH', token: shopper.token, body: { nickname: '小鱼' } };
    return { sending, release: () => lock.release() };
  }

  it('finishes the streams that are under way, and says GOAWAY first', async () => {
    await start({ HTTP_DRAIN_DELAY: '0' });
    const client = await connect();
    const { sending, release } = await slowRequest();
    const inFlight = Array.from({ length: 5 }, () => client.send('/api/v1/me', sending));
    await until('five requests wait', async () => (await waitingForLocks(ground.database)) === 5);
    shop.kill('SIGTERM');
    await until('it says GOAWAY', () => client.goaways.length > 0);
    expect(client.goaways).toEqual(['NGHTTP2_NO_ERROR']);
    expect(await client.send('/ping')).toMatchObject({ end: refused });
    await expect(Http2Client.connect(url)).rejects.toThrow('ECONNREFUSED');
    await release();
    expect((await Promise.all(inFlight)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await shop.exited).toBe(0);
    expect(shop.output()).not.toMatch(/UnsupportedWarning|unhandled|uncaught/i);
  });

  it('sends nobody away before the balancer has been told, and everybody after their next answer', async () => {
    await start({ HTTP_DRAIN_DELAY: '1h' });
    const [busy, idle] = [await connect(), await connect()];
    shop.kill('SIGTERM');
    await until('readyz says 503', async () => {
      const client = await connect();
      return (await client.send('/readyz')).status === 503;
    });
    expect(await busy.send('/api/v1/products?limit=5')).toMatchObject({ status: 200 });
    await until('it says GOAWAY', () => busy.goaways.length > 0);
    expect(idle.goaways).toEqual([]);
    expect(await idle.send('/ping')).toMatchObject({ status: 200 });
    expect(shop.hasExited()).toBe(false);
  });

  it('loses no request under load: each is answered, or refused so that it may be sent again', async () => {
    await start({ HTTP_DRAIN_DELAY: '2s' });
    const balancers = Array.from({ length: 4 }, () => new Balancer(url));
    closing.push(...balancers.map(balancer => () => balancer.close()));
    const answered = (): number => balancers.reduce((sum, { answers }) => sum + answers.length, 0);
    const running = balancers.flatMap(balancer =>
      Array.from({ length: 10 }, async (_, index) => {
        for (let turn = index; !balancer.isShutOut; turn++) await balancer.send(paths[turn % paths.length]!);
      }),
    );
    await until('there is load', () => answered() > 500);
    shop.kill('SIGTERM');
    await Promise.all(running);
    const answers = balancers.flatMap(balancer => balancer.answers);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    for (const { connections } of balancers) expect(connections).toBeGreaterThan(1);
    expect(await shop.exited).toBe(0);
  });

  it('is not held up by connections that idle, nor by clients that never close their side', async () => {
    await start({ HTTP_DRAIN_DELAY: '0' });
    const idle = await connect();
    const deaf = await FrameClient.connect(Number(new URL(url).port));
    closing.push(() => deaf.close());
    deaf.request(1);
    await until('it is answered', () => deaf.frames.some(({ streamId }) => streamId === 1));
    shop.kill('SIGTERM');
    // 1 at the hard deadline, long before either times out.
    expect(await shop.exited).toBe(0);
    await until('they are gone', () => idle.session.destroyed && deaf.isClosed);
  });
});
