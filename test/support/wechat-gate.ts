import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer of WeChat, signature and all. */
export interface GateAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Decides when a call to WeChat goes on: before it reaches WeChat, and before its answer reaches the shop. */
export interface Gate {
  readonly before?: (path: string) => Promise<unknown> | undefined;
  readonly after?: (path: string) => Promise<unknown> | undefined;
  /** What the shop gets instead of what WeChat answered. */
  readonly replace?: (path: string, answer: GateAnswer) => GateAnswer;
}

export interface Gateway {
  readonly url: string;
  stop(): Promise<void>;
}

/** Stands between the shop and WeChat, for races that otherwise depend on luck and for answers that get mixed up. */
export async function startGate(target: string, gate: Gate): Promise<Gateway> {
  const server = createServer((request, response) => {
    pass(target, gate, request, response).catch(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    const closed = once(server.close(), 'close');
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

async function pass(
  target: string,
  gate: Gate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { url: path = '/', method = 'GET' } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  await gate.before?.(path);
  const { connection: _, host: __, 'transfer-encoding': ___, ...headers } = request.headers;
  const answer = await fetch(target + path, {
    method,
    headers: headers as Record<string, string>,
    body: chunks.length > 0 ? Buffer.concat(chunks) : null,
  });
  const genuine: GateAnswer = {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: Buffer.from(await answer.arrayBuffer()),
  };
  await gate.after?.(path);
  const { status, headers: answered, body } = gate.replace?.(path, genuine) ?? genuine;
  response.writeHead(status, answered).end(body);
}
