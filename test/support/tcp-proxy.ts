import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';

export interface TcpProxy {
  readonly port: number;
  /** How many connections were made so far. */
  accepted(): number;
  /** From now on no byte passes on the connections that exist, and nobody is told; new connections work. */
  strand(): void;
  /** What was held back passes, late. */
  release(): void;
  /** Whatever passes takes so long from now on. */
  delay(ms: number): void;
  /** Ends the connections that exist; while `refuse` is set, new ones end at once. */
  cut(refuse: boolean): void;
  close(): Promise<void>;
}

/**
 * Stands between the shop and a server, and can do to their connections what a lost route does. Connecting takes
 * `connectMs` longer.
 */
export async function startTcpProxy(target: URL, { connectMs = 0 } = {}): Promise<TcpProxy> {
  const sockets = new Map<Socket, Transform>();
  let accepted = 0;
  let delayMs = 0;
  let refusing = false;
  const slowly = (): Transform =>
    new Transform({
      transform(chunk, _encoding, done) {
        if (delayMs === 0) done(null, chunk);
        else setTimeout(done, delayMs, null, chunk);
      },
    });
  const server = createServer(inner => {
    if (refusing) return void inner.destroy();
    accepted += 1;
    inner.on('error', () => inner.destroy());
    if (connectMs === 0) join(inner);
    else setTimeout(join, connectMs, inner);
  });
  function join(inner: Socket): void {
    const outer = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      const way = slowly();
      sockets.set(from, way);
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
      way.on('error', () => undefined);
      from.pipe(way).pipe(to);
    }
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    strand() {
      for (const socket of sockets.keys()) socket.unpipe().pause();
    },
    release() {
      for (const [from, way] of sockets) from.pipe(way);
    },
    delay(ms) {
      delayMs = ms;
    },
    cut(refuse) {
      refusing = refuse;
      for (const socket of sockets.keys()) socket.destroy();
    },
    async close() {
      for (const socket of sockets.keys()) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
