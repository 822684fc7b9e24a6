import { constants, type Http2ServerRequest } from 'node:http2';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { brokenRequest, sendProblem } from '../problem/protocol-errors.js';

/**
 * What Node does for a connection of HTTP/1.1 and not for a stream of HTTP/2: ends a body that comes too slowly, takes
 * half a body for none, and lets go of one that nobody reads. Handlers and hooks speak of connections as ever.
 */
export function addHttp2Hooks(
  server: FastifyInstance,
  receiveTimeoutMs: number,
  isDraining: () => boolean,
): void {
  server.addHook('onRequest', (request, reply, done) => {
    const raw = http2RequestOf(request);
    if (raw && !raw.stream.endAfterHeaders) receiveBody(raw, request, reply, receiveTimeoutMs);
    done();
  });
  server.addHook('onSend', (request, reply, _payload, done) => {
    const raw = http2RequestOf(request);
    if (raw) {
      // Forbidden here: the end of a connection is a frame (GOAWAY), and a stream ends without one.
      reply.removeHeader('connection');
      if (isDraining()) raw.stream.session?.close();
    }
    done();
  });
}

function http2RequestOf({ raw }: FastifyRequest): Http2ServerRequest | undefined {
  return raw.httpVersionMajor === 2 ? (raw as unknown as Http2ServerRequest) : undefined;
}

function receiveBody(
  raw: Http2ServerRequest,
  request: FastifyRequest,
  reply: FastifyReply,
  timeoutMs: number,
): void {
  const { stream } = raw;
  const late = setTimeout(refuseSlow, timeoutMs, request, reply);
  raw.once('end', () => clearTimeout(late)).once('close', () => clearTimeout(late));
  // Node ends the body of a stream that is reset as if it were whole.
  stream.once('aborted', () => {
    if (!raw.readableEnded) raw.destroy(new Error('the client has reset the stream'));
  });
  // Nobody may be reading.
  raw.on('error', () => undefined);
  // After the answer and its trailers, which Node sends on the next turn, even if there are none.
  stream.once('wantTrailers', () => setImmediate(endUnread, raw));
}

function endUnread({ stream, readableEnded }: Http2ServerRequest): void {
  if (!readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
}

function refuseSlow(request: FastifyRequest, reply: FastifyReply): void {
  if (reply.sent || reply.raw.headersSent) return;
  const { language, traceId } = request.context;
  sendProblem(request, reply, brokenRequest('ERR_HTTP_REQUEST_TIMEOUT', language, traceId));
}
