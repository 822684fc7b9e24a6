import cluster from 'node:cluster';
import { pino, type Logger } from 'pino';
import type { LoadedConfig } from '../config/load-config.js';
import { HttpConfig } from '../http/http.config.js';
import { listening } from '../lifecycle/listening.js';
import { LoggingConfig } from '../logging/logging.config.js';
import { pinoOptions } from '../logging/pino-options.js';
import { MetricsConfig } from '../metrics/metrics.config.js';
import { metricsServer } from '../metrics/metrics-server.js';
import { TracingConfig } from '../tracing/tracing.config.js';
import { Crew } from './crew.js';
import { CrewMetrics } from './crew-metrics.js';
import { WebConfig } from './web.config.js';

/** What members have beyond their own deadline: they end themselves unless they hang. */
const graceMs = 1_000;

/** Whether this process is the one that starts the others, instead of serving itself. */
export function isPrimary({ concurrency }: WebConfig): boolean {
  return cluster.isPrimary && concurrency > 1;
}

/**
 * Starts `web.concurrency` processes of this program, which share the public port, and serves nothing itself but their
 * metrics. SIGTERM, SIGINT and SIGHUP drain all of them. Ends with 0 when all have drained, else with 1, or with the
 * code of the first one if it cannot start; if it is killed, they drain by themselves. Connections are dealt out in
 * turn by node:cluster: see docs/decisions/0006-processes.md.
 */
export async function runPrimary(config: LoadedConfig): Promise<never> {
  const [web, http] = [config.get(WebConfig), config.get(HttpConfig)];
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const stopWithinMs = http.drainDelay + http.shutdownTimeout + graceMs;
  const crew = new Crew(primaryLogger(config), {
    config: web,
    stopWithinMs,
    onEnd: ({ metrics }) => crewMetrics.keep(metrics),
  });
  const crewMetrics = new CrewMetrics(crew, web.metricsTimeout);
  const management = metricsServer(config.get(MetricsConfig), () => crewMetrics.text());
  await listening(management, http.managementPort, http.managementHost);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => crew.stop(signal));
  crew.start();
  process.exit(await crew.over);
}

function primaryLogger(config: LoadedConfig): Logger {
  const { level } = config.get(LoggingConfig);
  const service = config.get(TracingConfig).serviceName;
  const logger = pino(pinoOptions({ level, service }), pino.destination({ fd: 1, sync: false }));
  return logger.child({ context: 'Processes' });
}
