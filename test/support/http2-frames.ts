import { once } from 'node:events';
import { constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { until } from './until.ts';

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

type Headers = Readonly<Record<string, string>>;

/** RFC 9113 §6. */
export const frameTypes = { data: 0, headers: 1, reset: 3, settings: 4, goaway: 7, windowUpdate: 8 } as const;
const frameHead = 9;
const endStream = 1;
const endHeaders = 4;
const acknowledged = 1;
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const get: Headers = { ':method': 'GET', ':scheme': 'http', ':authority': 'shop', ':path': '/ping' };

/** Frame by frame, what no client of HTTP/2 would agree to send. */
export class FrameClient {
  readonly frames: Frame[] = [];
  readonly socket: Socket;
  private rest: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.read(chunk));
  }

  /** Never closes its side by itself, whatever the server says. */
  static async connect(port: number): Promise<FrameClient> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    const client = new FrameClient(socket);
    socket.write(preface);
    client.send(frameTypes.settings, 0, 0);
    await until('the server has said what it allows', () => client.frames.length > 0);
    return client;
  }

  /** From now on the server holds us to what it allows. */
  agree(): void {
    this.send(frameTypes.settings, acknowledged, 0);
  }

  /** The server has closed its side. */
  get isClosed(): boolean {
    return this.socket.readableEnded || this.socket.closed;
  }

  /** The codes with which the server has ended streams, by their number. */
  get resets(): ReadonlyMap<number, number> {
    const resets = this.frames.filter(({ type }) => type === frameTypes.reset);
    return new Map(resets.map(({ streamId, payload }) => [streamId, payload.readUInt32BE(0)]));
  }

  /** The code of the first GOAWAY. */
  get goaway(): number | undefined {
    return this.frames.find(({ type }) => type === frameTypes.goaway)?.payload.readUInt32BE(4);
  }

  request(streamId: number, headers: Headers = {}, hasBody = false): void {
    const block = Buffer.concat(Object.entries({ ...get, ...headers }).map(literal));
    this.send(frameTypes.headers, endHeaders | (hasBody ? 0 : endStream), streamId, block);
  }

  body(streamId: number, text: string, isLast = false): void {
    this.send(frameTypes.data, isLast ? endStream : 0, streamId, Buffer.from(text));
  }

  reset(streamId: number, code: number = constants.NGHTTP2_CANCEL): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(code);
    this.send(frameTypes.reset, 0, streamId, payload);
  }

  close(): void {
    this.socket.destroy();
  }

  private send(type: number, flags: number, streamId: number, payload: Buffer = Buffer.alloc(0)): void {
    const head = Buffer.alloc(frameHead);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(streamId, 5);
    this.socket.write(Buffer.concat([head, payload]));
  }

  private read(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    while (this.rest.length >= frameHead) {
      const end = frameHead + this.rest.readUIntBE(0, 3);
      if (this.rest.length < end) return;
      const [type, flags] = [this.rest.readUInt8(3), this.rest.readUInt8(4)];
      const streamId = this.rest.readUInt32BE(5) & 0x7f_ff_ff_ff;
      this.frames.push({ type, flags, streamId, payload: this.rest.subarray(frameHead, end) });
      this.rest = this.rest.subarray(end);
    }
  }
}

/** A field as HPACK spells what is in no table (RFC 7541 §6.2.2), without Huffman. */
function literal([name, value]: readonly [string, string]): Buffer {
  return Buffer.concat([Buffer.from([0]), textOf(name), textOf(value)]);
}

function textOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  const most = 0x7f;
  const length: number[] = [Math.min(bytes.length, most)];
  for (let more = bytes.length - most; more >= 0; more = more < 0x80 ? -1 : more >> 7) {
    length.push(more < 0x80 ? more : (more & most) | 0x80);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}
