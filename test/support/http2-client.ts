import { once } from 'node:events';
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2';

export interface StreamOutcome {
  /** 0 when no whole answer came. */
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  /** How the stream ended: `NGHTTP2_NO_ERROR`, `NGHTTP2_REFUSED_STREAM`, … */
  readonly end: string;
}

export interface StreamSending {
  readonly method?: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const codeNames = new Map(
  Object.entries(constants).flatMap(([name, value]) =>
    /^NGHTTP2_(?:[A-Z]+_ERROR|[A-Z]+_STREAM|CANCEL|ENHANCE_YOUR_CALM|STREAM_CLOSED|SETTINGS_TIMEOUT)$/.test(
      name,
    )
      ? [[value as number, name] as const]
      : [],
  ),
);

/** One connection of HTTP/2 with as many requests at once as the server allows; nothing is repeated by itself. */
export class Http2Client {
  readonly session: ClientHttp2Session;
  readonly url: string;
  /** Why the connection ended, if not by GOAWAY or by us. */
  error: Error | undefined;
  /** The codes of the GOAWAY frames that came. */
  readonly goaways: string[] = [];

  private constructor(url: string, session: ClientHttp2Session) {
    this.url = url;
    this.session = session;
    session.on('error', (error: Error) => (this.error = error));
    session.on('goaway', (code: number) => this.goaways.push(nameOf(code)));
  }

  /** Waits until the server has said what it allows. @throws when it cannot be reached */
  static async connect(url: string, options: SecureClientSessionOptions = {}): Promise<Http2Client> {
    const session = connect(url, { servername: 'localhost', ...options });
    const client = new Http2Client(url, session);
    const closed = once(session, 'close').then(() => {
      throw client.error ?? new Error('closed unanswered');
    });
    await Promise.race([once(session, 'remoteSettings'), closed]);
    closed.catch(() => undefined);
    return client;
  }

  /** False as soon as nothing more may be asked on this connection. */
  get isOpen(): boolean {
    return !this.session.closed && !this.session.destroyed;
  }

  open(
    path: string,
    { method = 'GET', token, headers }: StreamSending,
    endStream: boolean,
  ): ClientHttp2Stream {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return this.session.request(
      { ':method': method, ':path': path, ...authorization, ...headers },
      { endStream },
    );
  }

  async send(path: string, sending: StreamSending = {}): Promise<StreamOutcome> {
    if (!this.isOpen) return { status: 0, text: '', headers: {}, end: 'NGHTTP2_REFUSED_STREAM' };
    const { body } = sending;
    const json = { 'content-type': 'application/json', ...sending.headers };
    const stream = this.open(
      path,
      body === undefined ? sending : { ...sending, headers: json },
      body === undefined,
    );
    const outcome = outcomeOf(stream);
    if (body !== undefined) stream.end(typeof body === 'string' ? body : JSON.stringify(body));
    return outcome;
  }

  close(): void {
    this.session.destroy();
  }
}

/** Everything until the stream is closed, by whom and however. */
export function outcomeOf(stream: ClientHttp2Stream): Promise<StreamOutcome> {
  let headers: IncomingHttpHeaders = {};
  let isWhole = false;
  const chunks: Buffer[] = [];
  stream.on('response', given => (headers = given));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => (isWhole = true));
  stream.on('error', () => (isWhole = false));
  return new Promise(resolve => {
    stream.on('close', () => {
      const status = isWhole ? Number(headers[':status'] ?? 0) : 0;
      resolve({ status, text: Buffer.concat(chunks).toString(), headers, end: nameOf(stream.rstCode ?? 0) });
    });
  });
}

function nameOf(code: number): string {
  return codeNames.get(code) ?? `code ${code}`;
}
