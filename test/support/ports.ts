import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give to outgoing connections, of which busy tests make thousands. */
const firstPort = 20_000;
const slices = 120;
const portsPerSlice = 100;
let taken = 0;

/**
 * A port that stays free until somebody listens on it, seconds later: every test process counts through a slice of
 * its own, so that two processes of the shop never think that the other one's answers are theirs.
 */
export async function reservePort(): Promise<number> {
  for (let attempt = 0; attempt < portsPerSlice; attempt++) {
    const port = firstPort + (process.pid % slices) * portsPerSlice + (taken++ % portsPerSlice);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port for a test');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const outcome = Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ]).catch(() => false);
  server.listen(port, '127.0.0.1');
  const free = await outcome;
  if (!free) return false;
  server.close();
  await once(server, 'close');
  return true;
}
