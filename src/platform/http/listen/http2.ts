import type { Http2SecureServer } from 'node:http2';
import type { FastifyInstance } from 'fastify';
import type { HttpConfig } from '../http.config.js';
import type { RequestRecorder } from '../request-recorder.js';
import { addH2cListener } from './h2c-listener.js';
import { addHttp2Hooks } from './http2-hooks.js';
import { watchSessions } from './http2-sessions.js';

/** HTTP/2 where the configuration has it: beside HTTP/1.1 by ALPN where there is TLS, without TLS on its own port. */
export function addHttp2(
  server: FastifyInstance,
  config: HttpConfig,
  recorder: RequestRecorder,
  isDraining: () => boolean,
): void {
  const { tlsCert, h2cPort, receiveTimeout } = config;
  if (tlsCert === undefined && h2cPort === undefined) return;
  addHttp2Hooks(server, receiveTimeout, isDraining);
  if (tlsCert !== undefined) watchSessions(server.server as unknown as Http2SecureServer, config, recorder);
  if (h2cPort !== undefined) watchSessions(addH2cListener(server, config, h2cPort), config, recorder);
}
