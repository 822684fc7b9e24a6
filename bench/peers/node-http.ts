/**
 * The ceiling: answers that are ready, found by their path. Nothing can be served by Node for less. `PROCESSES` share the
 * port as node:cluster has it.
 */
import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ReadyAnswer } from './ready-answer.ts';

const processes = Number(process.env['PROCESSES'] ?? 1);

if (processes === 1 || cluster.isWorker) serve();
else for (let started = 0; started < processes; started++) cluster.fork();
process.once('SIGTERM', () => process.exit(0));

function serve(): void {
  const answers = JSON.parse(readFileSync(process.env['BENCH_ANSWERS'] ?? '', 'utf8')) as ReadyAnswer[];
  const ready = new Map(
    answers.map(({ path, headers, body }) => {
      const bytes = Buffer.from(body);
      return [path, { headers: { ...headers, 'content-length': bytes.length }, bytes }];
    }),
  );
  ready.set('/readyz', { headers: { 'content-length': 2 }, bytes: Buffer.from('ok') });

  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    const answer = ready.get(request.url ?? '');
    if (!answer) return response.writeHead(404).end();
    return response.writeHead(200, answer.headers).end(answer.bytes);
  });
  server.listen(Number(process.env['PORT']), '127.0.0.1');
}
