import type { Http2SecureServer, Http2Server, ServerHttp2Session, ServerOptions } from 'node:http2';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { HttpConfig } from '../http.config.js';
import { brokenRequest } from '../problem/protocol-errors.js';
import type { RequestRecorder } from '../request-recorder.js';

/** A client that takes nothing of its answer for so long has gone, and keeps memory and a file descriptor. */
export const stalledAfterMs = 60_000;
/** A client that has been told of the end of its connection, and sent everything, has so long to close it as well. */
const lingerMs = 1_000;
/** The client has gone, in whatever way: nobody is there to be told what was wrong. */
const gone = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

/**
 * What one connection of HTTP/2 may ask for. Node and nghttp2 bound the rest by themselves: memory (10 MB), frames that
 * are invalid, headers in pieces, and streams that are opened to be reset (1,000, then 33 a second).
 */
export function sessionLimits({ maxStreams, headerLimit }: HttpConfig): ServerOptions {
  return {
    settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: headerLimit, enablePush: false },
  };
}

/** Ends connections that idle, stall or do not speak HTTP/2, and tells the log of the last. */
export function watchSessions(
  server: Http2Server | Http2SecureServer,
  { keepAliveTimeout }: HttpConfig,
  recorder: RequestRecorder,
): void {
  server.on('session', session => limitIdleness(session, keepAliveTimeout));
  server.on('sessionError', (error: Error & { readonly code?: string }) => {
    if (!gone.has(error.code ?? '')) recorder.refuse(brokenRequest(error.code));
  });
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', endLingering);
}

/** An idle connection is told to go; streams that are under way end first, unless they stall as well. */
function limitIdleness(session: ServerHttp2Session, keepAliveTimeout: number): void {
  // Those of Fastify and Node end what is under way.
  session.removeAllListeners('timeout');
  session.setTimeout(keepAliveTimeout, () => {
    session.close();
    session.setTimeout(stalledAfterMs, () => session.destroy());
  });
}

/** Node waits for the client to close its side, for ever: a phone that is out of reach would hold the shutdown. */
function endLingering(socket: Socket): void {
  socket.once('finish', () => setTimeout(() => socket.destroy(), lingerMs).unref());
}
