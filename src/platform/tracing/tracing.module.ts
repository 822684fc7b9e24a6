import {
  Global,
  Injectable,
  Logger,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { SpanExport } from './span-export.js';
import { recordSpans } from './spans.js';
import { TracingConfig } from './tracing.config.js';

const droppedSpans = 'trace_spans_dropped_total';
/** The end of the process waits for other things than its last spans (`http.shutdownTimeout`). */
const lastSpansMs = 1_000;

/** Sends spans to the configured collector, if there is one. */
@Injectable()
export class TraceExport implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(TraceExport.name);
  private spans: SpanExport | undefined;

  constructor(
    private readonly config: TracingConfig,
    @InjectMetric(droppedSpans) private readonly dropped: Counter,
  ) {}

  onModuleInit(): void {
    const { endpoint, headers = {}, serviceName, sampleRatio: ratio } = this.config;
    if (!endpoint) return;
    this.spans = new SpanExport({ url: `${endpoint}/v1/traces`, headers, serviceName }, this.dropped);
    recordSpans({ sink: this.spans, ratio });
  }

  async onApplicationShutdown(): Promise<void> {
    const inTime = await this.spans?.close(lastSpansMs);
    if (inTime === false) this.logger.warn('the last spans were lost');
    if (this.spans) recordSpans(undefined);
  }
}

/**
 * Tracing base: W3C `traceparent` in and out, one context per request or job, spans made by our own hooks and sent as
 * OTLP. Promise: the trace id is in every log line, answer and problem, whether or not spans are exported.
 */
@Global()
@Module({
  providers: [
    TraceExport,
    makeCounterProvider({
      name: droppedSpans,
      help: 'Spans lost because the collector was away, too slow or refused them',
    }),
  ],
})
export class TracingModule {}
