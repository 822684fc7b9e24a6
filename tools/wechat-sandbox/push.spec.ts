import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCredentials } from './credentials.ts';
import { control } from './merchant.fake.ts';
import { newEncodingAesKey, sealPush, signPush } from './push-seal.ts';
import { createSandbox } from './sandbox.ts';

const credentials = createCredentials(Date.now());
const sandbox = createSandbox({ credentials });
beforeAll(() => sandbox.listen());
afterAll(() => sandbox.close());

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

interface Seen {
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A shop's URL that keeps what it gets. */
async function open(answer: (response: ServerResponse, seen: readonly Seen[]) => void) {
  const seen: Seen[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { searchParams } = new URL(request.url ?? '', 'http://shop');
    seen.push({ query: Object.fromEntries(searchParams), body: Buffer.concat(chunks).toString('utf8') });
    answer(response, seen);
  });
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/push`, seen };
}

const message = { MsgType: 'event', Event: 'debug_demo', FromUserName: 'o-1' };
const push = async (body: object) => (await control(sandbox, 'pushes', body)).body;

describe('the seal and the signature', () => {
  it('are those of the documents', () => {
    const sealed = sealPush('{"demo_resp":"good luck"}', {
      encodingAesKey: 'A'.repeat(43),
      appId: 'wxba5fad812f8e6fb9',
      random: '707722b803182950',
    });
    expect(sealed).toBe(
      'ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==',
    );
    expect(signPush('AAAAA', '1713424427', '415670741', sealed)).toBe(
      '1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1',
    );
  });

  it('have keys of 32 bytes', () => {
    expect(Buffer.from(`${newEncodingAesKey()}=`, 'base64')).toHaveLength(32);
  });
});

describe('a push', () => {
  it('hides the message in secure mode, and signs what it sends', async () => {
    const shop = await open(response => response.end('success'));
    const { answers } = await push({ url: shop.url, message });
    expect(answers).toEqual([{ status: 200, contentType: null, body: 'success' }]);
    const [{ query, body }] = shop.seen as [Seen];
    const { Encrypt, ...rest } = JSON.parse(body) as { Encrypt: string };
    expect(Object.keys(rest)).toEqual(['ToUserName']);
    const { pushToken } = credentials;
    expect(query).toMatchObject({ openid: 'o-1', encrypt_type: 'aes' });
    expect(query['msg_signature']).toBe(signPush(pushToken, query['timestamp']!, query['nonce']!, Encrypt));
    expect(query['signature']).toBe(signPush(pushToken, query['timestamp']!, query['nonce']!));
  });

  it('comes three times, the same each time, to a shop that does not answer', async () => {
    const shop = await open(response => response.destroy());
    const { answers } = await push({ url: shop.url, message, mode: 'plain' });
    const nothing = { status: 'unreachable' };
    expect(answers).toEqual([nothing, nothing, nothing]);
    const [first] = shop.seen;
    expect(shop.seen).toEqual([first, first, first]);
  });

  it('is over with the first answer, whatever it says', async () => {
    const shop = await open((response, { length }) =>
      length === 1 ? response.destroy() : response.writeHead(500).end(),
    );
    const { answers } = await push({ url: shop.url, message });
    expect(answers).toEqual([{ status: 'unreachable' }, { status: 500, contentType: null, body: '' }]);
  });

  it.each([{ message, check: true }, {}, { check: false }, { message: [] }, { message, url: 'ftp://a' }])(
    'of %j is refused by the control',
    async input => {
      expect((await control(sandbox, 'pushes', { url: 'http://127.0.0.1:9', ...input })).status).toBe(400);
    },
  );
});

describe('the check of a URL', () => {
  it('tells a shop that echoes from one that does not', async () => {
    const echo = await open((response, seen) => response.end(seen.at(-1)?.query['echostr']));
    expect(await push({ url: echo.url, check: true })).toMatchObject({ echoed: true });
    const other = await open(response => response.end('success'));
    expect(await push({ url: other.url, check: true })).toMatchObject({ echoed: false });
  });
});
