import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give to outgoing connections, of which busy tests make thousands. */
const firstPort = 15_000;
const slices = 170;
const portsPerSlice = 100;
let taken = 0;

/**
 * A port of 127.0.0.1 that stays free until its server binds it, seconds later: every process counts through a slice
 * of its own, so that nobody is given the same one meanwhile.
 * @throws Error when every port of the slice is in use
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < portsPerSlice; attempt++) {
    const port = firstPort + (process.pid % slices) * portsPerSlice + (taken++ % portsPerSlice);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port on 127.0.0.1');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}

/** Strangers may take a free port before the server binds it: then another one is tried. A given port is tried once. */
export async function onPort<T>(
  port: number | undefined,
  start: (port: number) => Promise<T>,
  attempts = 3,
): Promise<T> {
  try {
    return await start(port ?? (await freePort()));
  } catch (error) {
    const isTaken = error instanceof Error && /address already in use/i.test(error.message);
    if (port !== undefined || !isTaken || attempts <= 1) throw error;
    return onPort(port, start, attempts - 1);
  }
}
