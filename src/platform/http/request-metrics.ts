import { Injectable } from '@nestjs/common';
import { InjectMetric, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import type { Histogram } from 'prom-client';
import { ByEnding } from '../../kernel/by-ending.js';
import { MetricsConfig } from '../metrics/metrics.config.js';

const name = 'http_server_request_duration_seconds';
type Labels = 'http_request_method' | 'http_route' | 'http_response_status_code';

export const requestDurationProvider = makeHistogramProvider({
  name,
  help: 'Duration of HTTP requests by method, route and status',
  labelNames: ['http_request_method', 'http_route', 'http_response_status_code'] satisfies Labels[],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});

/** Rate, errors and duration by route; children are kept, because resolving labels costs more than observing. */
@Injectable()
export class RequestMetrics {
  private readonly children = new ByEnding((method, route, status) =>
    this.durations.labels(method, route, String(status)),
  );

  constructor(
    @InjectMetric(name) private readonly durations: Histogram<Labels>,
    private readonly config: MetricsConfig,
  ) {}

  record(method: string, route: string, status: number, seconds: number): void {
    if (!this.config.enabled) return;
    this.children.of(method, route, status).observe(seconds);
  }
}
