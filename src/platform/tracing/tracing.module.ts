import { setTimeout as pause } from 'node:timers/promises';
import {
  Global,
  Injectable,
  Logger,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import { TracingConfig } from './tracing.config.js';

/** The end of the process waits for other things than its last spans (`http.shutdownTimeout`). */
const lastSpansMs = 1_000;

/** Sends spans to the configured collector in batches; a slow or dead collector drops spans, never requests. */
@Injectable()
export class TraceExport implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(TraceExport.name);
  private provider?: TracerProvider;

  constructor(private readonly config: TracingConfig) {}

  onModuleInit(): void {
    const { endpoint, serviceName, sampleRatio } = this.config;
    if (!endpoint) return;
    const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: 3_000 });
    this.provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': serviceName }),
      sampler: samplerOf(sampleRatio),
      spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: 2_048 })],
    });
    trace.setGlobalTracerProvider(this.provider);
  }

  async onApplicationShutdown(): Promise<void> {
    const sent = this.provider?.shutdown().then(
      () => true,
      () => false,
    );
    const inTime = await Promise.race([sent, pause(lastSpansMs, false, { ref: false })]);
    if (inTime === false) this.logger.warn('the last spans were lost');
    trace.disable();
  }
}

/**
 * Anybody can send `traceparent: …-01`, and must not decide how much we export: its trace id is kept, and the ratio,
 * which looks at nothing but that id, applies to it like to our own. Only a caller's "no" is taken at its word.
 */
export function samplerOf(ratio: number): Sampler {
  const root = new TraceIdRatioBasedSampler(ratio);
  return new ParentBasedSampler({ root, remoteParentSampled: root });
}

/**
 * Tracing base: W3C `traceparent` in and out, one context per request or job, spans made by our own hooks.
 * Promise: the trace id is in every log line, answer and problem, whether or not spans are exported.
 */
@Global()
@Module({ providers: [TraceExport] })
export class TracingModule {}
