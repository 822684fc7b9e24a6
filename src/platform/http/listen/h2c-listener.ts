import { createServer, type Http2Server } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { HttpConfig } from '../http.config.js';
import { listening } from '../../lifecycle/listening.js';
import { limitConnections } from './limit-connections.js';
import { sessionLimits } from './http2-sessions.js';

/**
 * HTTP/2 without TLS on a port of its own, for a balancer that speaks it: without ALPN nothing tells the two versions
 * apart. It begins and ends with the public listener and hands over to the same routes.
 */
export function addH2cListener(server: FastifyInstance, config: HttpConfig, port: number): Http2Server {
  const listener = createServer(sessionLimits(config), (request, response) =>
    server.routing(request as unknown as IncomingMessage, response as unknown as ServerResponse),
  );
  limitConnections(listener, config);
  let closed = Promise.resolve();
  server.addHook('onReady', () => listen(listener, port, config.host));
  // Both ports close at the same moment; then what is under way on both is waited for.
  server.addHook('preClose', done => {
    closed = new Promise(resolve => listener.close(() => resolve()));
    done();
  });
  server.addHook('onClose', () => closed);
  return listener;
}

async function listen(listener: Http2Server, port: number, host: string): Promise<void> {
  await listening(listener, port, host);
  const { address, port: taken } = listener.address() as AddressInfo;
  new Logger('H2c').log(`HTTP/2 without TLS at ${address}:${taken}`);
}
