import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { pagePolicy } from './security-headers.js';

const committed = join(import.meta.dirname, '../../../docs/openapi.json');
const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const script = "SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#ui', validatorUrl: 'none' });";
const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Minnow API</title>
    <link rel="stylesheet" href="/api/docs/assets/swagger-ui.css" />
  </head>
  <body>
    <div id="ui"></div>
    <script src="/api/docs/assets/swagger-ui-bundle.js"></script>
    <script>${script}</script>
  </body>
</html>
`;

/** The committed OpenAPI document and a page to read it: nothing is generated while serving, and nothing held. */
export async function serveApiDocs(server: FastifyInstance): Promise<void> {
  if (!existsSync(committed)) return;
  server.get('/api/openapi.json', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(await readFile(committed)),
  );
  const policy = pagePolicy(script);
  server.get('/api/docs', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(page),
  );
  await server.register(fastifyStatic, {
    root: swaggerUi,
    prefix: '/api/docs/assets/',
    decorateReply: false,
    maxAge: '1h',
  });
}
