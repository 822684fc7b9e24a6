import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import type { HttpConfig } from '../http.config.js';

/** The client's address as Fastify's `request.ip` has it, for a request that has not come to Fastify. */
export function addressReader(trustProxy: HttpConfig['trustProxy']): (request: IncomingMessage) => string {
  if (trustProxy === false) return ({ socket }) => socket.remoteAddress!;
  const isTrusted = trustProxy === true ? () => true : proxyAddr.compile([...trustProxy]);
  return request => proxyAddr(request, isTrusted);
}
