import { createServer, type Server, type ServerResponse } from 'node:http';
import { register } from 'prom-client';
import type { MetricsConfig } from './metrics.config.js';

/** Answers `/metrics` with what `read` gives, and nothing else. */
export function metricsServer({ enabled }: MetricsConfig, read: () => Promise<string>): Server {
  return createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path !== '/metrics') return notFound(response, 'try /metrics');
    if (!enabled) return notFound(response, 'metrics are off (METRICS_ENABLED)');
    read().then(
      text => response.writeHead(200, { 'content-type': register.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
}

function notFound(response: ServerResponse, why: string): void {
  response.writeHead(404, { 'content-type': 'text/plain' }).end(`${why}\n`);
}
