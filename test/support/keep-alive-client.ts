import { Agent, request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

export interface Outcome {
  /** 0 when no answer came: refused, reset or cut short. */
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
  /** `performance.now()` when the request was handed to the socket. */
  readonly sentAt: number;
  readonly error?: string;
}

export interface Sending {
  readonly method?: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One connection, kept open as a balancer or a phone keeps it; unlike `fetch` it never repeats a request by itself. */
export class KeepAliveClient {
  readonly base: string;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private socket: Socket | undefined;

  constructor(base: string) {
    this.base = base;
  }

  /** True while the connection is open, in use or idle. */
  get isConnected(): boolean {
    return this.socket !== undefined && !this.socket.closed;
  }

  send(path: string, { method = 'GET', token, body, headers }: Sending = {}): Promise<Outcome> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sentAt = performance.now();
    return new Promise(resolve => {
      const fail = (error: Error): void =>
        resolve({ status: 0, text: '', headers: {}, sentAt, error: error.message });
      const outgoing = request(`${this.base}${path}`, {
        agent: this.agent,
        method,
        headers: {
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      });
      outgoing.on('socket', socket => (this.socket = socket));
      outgoing.on('error', fail);
      outgoing.on('response', response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const answer = { status: response.statusCode ?? 0, headers: response.headers };
          resolve({ ...answer, text: Buffer.concat(chunks).toString(), sentAt });
        });
      });
      outgoing.end(text);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
