import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** How many connections were made so far. */
  accepted(): number;
  /** From now on no byte passes on the connections that exist, and nobody is told; new connections work. */
  strand(): void;
  /** What was held back passes, late. */
  release(): void;
  close(): Promise<void>;
}

/**
 * Stands between the shop and a server, and can do to their connections what a lost route does. Connecting takes
 * `connectMs` longer.
 */
export async function startTcpProxy(target: URL, { connectMs = 0 } = {}): Promise<TcpProxy> {
  const sockets = new Map<Socket, Socket>();
  let accepted = 0;
  const server = createServer(inner => {
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
      sockets.set(from, to);
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
      from.pipe(to);
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
      for (const [from, to] of sockets) from.pipe(to);
    },
    async close() {
      for (const socket of sockets.keys()) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
