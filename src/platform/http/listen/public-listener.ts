import type { HttpConfig } from '../http.config.js';
import { sessionLimits, stalledAfterMs } from './http2-sessions.js';

/** The public port in Fastify's words: TLS with HTTP/2 and HTTP/1.1 where there is a certificate, else HTTP/1.1. */
export function publicListener(config: HttpConfig) {
  const { tlsCert: cert, tlsKey: key, keepAliveTimeout, receiveTimeout } = config;
  const limits = { connectionTimeout: stalledAfterMs, keepAliveTimeout, requestTimeout: receiveTimeout };
  if (cert === undefined) return { ...limits, http: http1Limits(config) };
  const tls = { cert, key, allowHTTP1: true, handshakeTimeout: receiveTimeout };
  const http1 = { ...http1Limits(config), keepAliveTimeout, requestTimeout: receiveTimeout };
  return {
    ...limits,
    http2: true,
    https: { ...tls, ...sessionLimits(config), http1Options: http1 },
  } as const;
}

/**
 * Node takes the larger of the two limits for the body, and looks at its connections only every 30 s unless told
 * otherwise: a slow body would hold its socket far longer than configured.
 */
function http1Limits({ receiveTimeout, headerLimit }: HttpConfig) {
  const connectionsCheckingInterval = Math.min(1_000, receiveTimeout);
  return { headersTimeout: receiveTimeout, maxHeaderSize: headerLimit, connectionsCheckingInterval };
}
