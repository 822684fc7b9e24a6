import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { HttpConfig } from './http.config.js';
import { pagePolicy } from './security-headers.js';

const publicRoot = join(import.meta.dirname, '../../../public');

/** An SVG opened by itself is a document: as one it shall run nothing and load nothing. In `<img>` it looks the same. */
const pictureOnly = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** Mini-programs and pages of other hosts show our pictures. */
const anybodyShows = 'cross-origin';

/** Everything outside /api and the probes is a file; product pictures never change under one name. */
export async function serveStaticFiles(server: FastifyInstance, config: HttpConfig): Promise<void> {
  await server.register(fastifyStatic, {
    root: publicRoot,
    prefix: '/',
    maxAge: '5m',
    setHeaders: reply => void reply.header('content-security-policy', pagePolicy()),
    decorateReply: false,
  });
  if (!config.mediaRoot) return;
  await server.register(fastifyStatic, {
    root: config.mediaRoot,
    prefix: '/media/',
    maxAge: '365d',
    immutable: true,
    setHeaders(reply) {
      reply.header('content-security-policy', pictureOnly);
      reply.header('cross-origin-resource-policy', anybodyShows);
    },
    decorateReply: false,
  });
}
