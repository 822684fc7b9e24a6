import type { Server } from 'node:net';

/** Once connections come in. @throws Error of the system when the port is taken */
export async function listening(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
