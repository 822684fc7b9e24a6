import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { currentContext, type RequestContext } from './request-context.js';
import { newSpanId, newTraceId, parseTraceparent } from './trace-context.js';

const tracer = trace.getTracer('minnow');

/**
 * Our own spans on the OpenTelemetry API. Without a configured exporter the API's tracer makes no-op spans, so the
 * cost of untraced work is one property read. (The stock HTTP instrumentation triples the CPU of a request.)
 */
export function startWork(
  name: string,
  kind: SpanKind,
  requestId: string,
  traceparent: string | undefined,
): RequestContext {
  const parent = parseTraceparent(traceparent);
  const span = tracer.startSpan(name, { kind }, parentContext(traceparent));
  if (span.isRecording()) {
    const { traceId, spanId } = span.spanContext();
    return { requestId, traceId, spanId, sampled: true, span };
  }
  return {
    requestId,
    traceId: parent?.traceId ?? newTraceId(),
    spanId: newSpanId(),
    sampled: parent?.sampled ?? false,
  };
}

/** A context of its own without a span, for work nobody wants to see in a trace. */
export function untraced(requestId: string): RequestContext {
  return { requestId, traceId: newTraceId(), spanId: newSpanId(), sampled: false };
}

function parentContext(traceparent: string | undefined): Context {
  const parent = parseTraceparent(traceparent);
  if (!parent) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true });
}

/** A span around a call to another server; a no-op outside a recorded request. */
export async function clientSpan<T>(
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const parent = currentContext()?.span;
  if (!parent) return work();
  const span = tracer.startSpan(
    name,
    { kind: SpanKind.CLIENT, attributes },
    trace.setSpan(ROOT_CONTEXT, parent),
  );
  try {
    return await work();
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Records a call that has already happened, such as a SQL statement reported by the driver. */
export function recordClientSpan(
  name: string,
  attributes: Attributes,
  durationMs: number,
  error?: unknown,
): void {
  const parent = currentContext()?.span;
  if (!parent) return;
  const endTime = Date.now();
  const options = { kind: SpanKind.CLIENT, attributes, startTime: endTime - durationMs };
  const span = tracer.startSpan(name, options, trace.setSpan(ROOT_CONTEXT, parent));
  if (error !== undefined) failSpan(span, error);
  span.end(endTime);
}

export function failSpan(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
}
