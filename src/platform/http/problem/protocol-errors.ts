import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { newTraceId } from '../../tracing/trace-context.js';
import { HttpError, toAppError } from './http.errors.js';
import { toProblem, type Language, type Problem } from './problem.js';
import type { RequestRecorder } from '../request-recorder.js';

/** What Node's parser complains about, in statuses that only it needs. */
export const byParserCode: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'request.headers_too_large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request.too_slow'],
};
const ofTls = /^ERR_(?:SSL|TLS)_/;
const contentType = 'application/problem+json; charset=utf-8';

/**
 * Requests so broken that no route, hook or filter sees them: problems all the same, so that clients know one form of
 * refusal only. They have a trace id of their own.
 */
export function protocolErrors(recorder: RequestRecorder) {
  return {
    /** The target cannot be decoded, or a parameter is longer than the router takes. */
    frameworkErrors(error: Error, request: FastifyRequest, reply: FastifyReply): void {
      recorder.open(request, reply);
      const { traceId, language } = request.context;
      sendProblem(request, reply, toProblem(toAppError(error), language ?? 'zh', traceId));
    },

    /** What came is not HTTP, too slow or has too large headers: the connection is of no more use. */
    clientErrorHandler(error: Error & { readonly code?: string }, socket: Socket): void {
      if (error.code === 'ECONNRESET' || socket.destroyed) return;
      // Before TLS has begun, what is written goes nowhere, and Node leaves the socket open.
      if (!socket.writable || ofTls.test(error.code ?? '')) return void socket.destroy(error);
      const problem = brokenRequest(error.code);
      recorder.refuse(problem);
      const body = JSON.stringify(problem);
      const headers = {
        ...headersOf(problem),
        ...recorder.headers,
        'content-length': Buffer.byteLength(body),
        connection: 'close',
      };
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(
        `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`,
      );
    },
  };
}

/** The problem for a code of Node's parser; most often it has read no header that would tell the language. */
export function brokenRequest(code = '', language: Language = 'zh', traceId: string = newTraceId()): Problem {
  const [status, problemCode] = byParserCode[code] ?? [400, 'request.invalid'];
  return { ...toProblem(new HttpError('invalid', problemCode, code), language, traceId), status };
}

/** For what is found to be broken where no filter stands. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): void {
  request.problemCode = problem.code;
  const headers = { 'content-type': contentType, 'cache-control': 'no-store' };
  void reply.status(problem.status).headers(headers).send(JSON.stringify(problem));
}

function headersOf({ traceId }: Problem): Record<string, string> {
  return {
    'content-type': contentType,
    'cache-control': 'no-store',
    'x-trace-id': traceId,
    'x-request-id': traceId,
  };
}
