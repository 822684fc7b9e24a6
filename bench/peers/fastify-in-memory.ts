/**
 * Fastify with all of Minnow's answers in memory, to see what making JSON costs: `BENCH_ANSWER` says whether an answer
 * is made by JSON.stringify or by its schema, each time with its ETag, or sent as the bytes that it was. No token, no
 * validation, no log, no metrics.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fastify, type FastifyReply } from 'fastify';
import { detail } from './detail-schema.ts';
import type { ReadyAnswer } from './ready-answer.ts';

interface Held {
  readonly headers: ReadyAnswer['headers'];
  readonly bytes: Buffer;
  readonly value: Record<string, unknown>;
}

type Send = (held: Held, reply: FastifyReply) => FastifyReply;

const answers = JSON.parse(readFileSync(process.env['BENCH_ANSWERS'] ?? '', 'utf8')) as ReadyAnswer[];
const memory = new Map<string, Held>(
  answers.map(({ path, headers, body }) => [
    path,
    { headers, bytes: Buffer.from(body), value: JSON.parse(body) as Record<string, unknown> },
  ]),
);

const ways: Readonly<Record<string, Send>> = {
  stringify: (held, reply) => sendText(held, JSON.stringify(held.value), reply),
  schema: (held, reply) => sendText(held, reply.serializeInput(held.value, '200') as string, reply),
  bytes: ({ headers, bytes }, reply) => reply.headers(headers).send(bytes),
};
const send = ways[process.env['BENCH_ANSWER'] ?? '']!;

function sendText({ headers }: Held, text: string, reply: FastifyReply): FastifyReply {
  const etag = `W/"${createHash('sha1').update(text).digest('base64url')}"`;
  return reply.headers({ ...headers, etag }).send(text);
}

const app = fastify({ keepAliveTimeout: 75_000 });
app.get('/readyz', () => 'ok');
app.get('/api/v1/products/:id', { schema: { response: { 200: detail } } }, (request, reply: FastifyReply) => {
  const held = memory.get(request.url);
  return held ? send(held, reply) : reply.code(404).send();
});
await app.listen({ port: Number(process.env['PORT']), host: '127.0.0.1' });
process.once('SIGTERM', () => process.exit(0));
