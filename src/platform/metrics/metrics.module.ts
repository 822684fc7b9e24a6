import { Controller, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { collectDefaultMetrics, register } from 'prom-client';
import { MetricsConfig } from './metrics.config.js';

/** Gauges that prom-client names like counters; `promtool check metrics` rightly refuses them. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Of several processes the worst says more than the average; the last one to have started shows a restart. */
const worstOfAll = [
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_mean_seconds',
  'nodejs_eventloop_lag_stddev_seconds',
  'nodejs_eventloop_lag_p50_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'process_start_time_seconds',
];

/** Metrics are served on the management port only, so the library's public route is replaced by none. */
@Controller()
class NoPublicMetrics {}

/** Process and event-loop metrics, and the registry behind `GET /metrics` on the management port. */
@Module({
  imports: [PrometheusModule.register({ controller: NoPublicMetrics, defaultMetrics: { enabled: false } })],
  exports: [PrometheusModule],
})
export class MetricsModule implements OnModuleInit, OnApplicationShutdown {
  constructor(private readonly config: MetricsConfig) {}

  onModuleInit(): void {
    if (!this.config.enabled) return;
    collectDefaultMetrics();
    for (const name of misnamed) register.removeSingleMetric(name);
    for (const name of worstOfAll) Object.assign(register.getSingleMetric(name) ?? {}, { aggregator: 'max' });
  }

  /** For the next app in this process; not before the last request is through, because the drain is worth watching. */
  onApplicationShutdown(): void {
    register.clear();
  }
}
