import { createDecipheriv, verify } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedNotice {
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly body: { readonly id: string; readonly event_type: string; readonly resource: Sealed };
}

interface Sealed {
  readonly ciphertext: string;
  readonly nonce: string;
  readonly associated_data: string;
  readonly algorithm: string;
}

/** A notify endpoint that keeps what it gets and answers what the test says. */
export async function openShop(answer: (received: readonly ReceivedNotice[]) => number = () => 204) {
  const received: ReceivedNotice[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8');
      received.push({ headers: request.headers, raw, body: JSON.parse(raw) as ReceivedNotice['body'] });
      response.writeHead(answer(received), { location: '/elsewhere' }).end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    notifyUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`,
    received,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function isSigned(headers: IncomingHttpHeaders | Headers, raw: string, publicKey: string): boolean {
  const header = (name: string) =>
    String(headers instanceof Headers ? headers.get(name) : headers[name.toLowerCase()]);
  const message = `${header('wechatpay-timestamp')}\n${header('wechatpay-nonce')}\n${raw}\n`;
  const signature = Buffer.from(header('wechatpay-signature'), 'base64');
  return verify('RSA-SHA256', Buffer.from(message), publicKey, signature);
}

export function unseal(apiV3Key: string, sealed: Sealed): string {
  const bytes = Buffer.from(sealed.ciphertext, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', apiV3Key, sealed.nonce);
  decipher.setAAD(Buffer.from(sealed.associated_data)).setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
}
