import { currentContext, type RequestContext } from './request-context.js';
import { isSampled } from './sampling.js';
import { Span, SpanKind, wallClock, type Attributes, type SpanSink } from './span.js';
import { newSpanId, newTraceId, parseTraceparent, type TraceParent } from './trace-context.js';

interface Recording {
  readonly sink: SpanSink;
  /** Share of traces, 0 to 1. */
  readonly ratio: number;
}

let recording: Recording | undefined;

/** Spans go to `sink` from now on; without a collector nobody records any. */
export function recordSpans(into: Recording | undefined): void {
  recording = into;
}

/**
 * The context of a request, a job or a task, and its span if it is recorded. Our own spans and not OpenTelemetry's SDK,
 * which costs a cached answer more than everything else together; what goes out is the same (`span-export.spec.ts`).
 */
export function startWork(
  name: string,
  kind: SpanKind,
  requestId: string,
  traceparent: string | undefined,
): RequestContext {
  const parent = traceparent === undefined ? null : parseTraceparent(traceparent);
  const traceId = parent?.traceId ?? newTraceId();
  const spanId = newSpanId();
  const startedMs = performance.now();
  if (!recording) return { requestId, startedMs, traceId, spanId, sampled: parent?.sampled ?? false };
  const sampled = isSampled(traceId, parent, recording.ratio);
  const ids = { traceId, spanId, sampled };
  if (!sampled) return { requestId, startedMs, ...ids };
  const remote = parent ? { spanId: parent.spanId, isRemote: true } : undefined;
  return { requestId, startedMs, ...ids, span: new Span(recording.sink, name, kind, ids, remote) };
}

/** A context of its own without a span, for work nobody wants to see in a trace. */
export function untraced(requestId: string): RequestContext {
  const startedMs = performance.now();
  return { requestId, startedMs, traceId: newTraceId(), spanId: newSpanId(), sampled: false };
}

/** A span around a call to another server; nothing outside recorded work. */
export async function clientSpan<T>(
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const span = childSpan(name, wallClock());
  try {
    return await work();
  } catch (error) {
    span?.fail(error);
    throw error;
  } finally {
    span?.end(attributes);
  }
}

/** Records a call that has just ended, such as a SQL statement reported by the driver. */
export function recordClientSpan(
  name: string,
  attributes: Attributes,
  durationMs: number,
  error?: unknown,
): void {
  const span = childSpan(name, wallClock() - durationMs);
  if (!span) return;
  if (error !== undefined) span.fail(error);
  span.end(attributes);
}

function childSpan(name: string, startedAt: number): Span | undefined {
  const parent = currentContext();
  if (!recording || !parent?.span) return undefined;
  const ids: TraceParent = { traceId: parent.traceId, spanId: newSpanId(), sampled: true };
  const local = { spanId: parent.spanId, isRemote: false };
  return new Span(recording.sink, name, SpanKind.client, ids, local, startedAt);
}
