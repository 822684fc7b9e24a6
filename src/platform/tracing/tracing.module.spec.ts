import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { newSpanId, newTraceId } from './trace-context.js';
import { samplerOf } from './tracing.module.js';

function isRecorded(ratio: number, traceFlags: number, isRemote: boolean): boolean {
  const parent = { traceId: newTraceId(), spanId: newSpanId(), traceFlags, isRemote };
  const context = trace.setSpanContext(ROOT_CONTEXT, parent);
  const { decision } = samplerOf(ratio).shouldSample(context, parent.traceId, 'x', SpanKind.SERVER, {}, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

describe('sampling', () => {
  it('is not decided by whoever sends a traceparent', () => {
    expect(isRecorded(0, 1, true)).toBe(false);
    expect(isRecorded(1, 1, true)).toBe(true);
    const recorded = Array.from({ length: 2_000 }, () => isRecorded(0.1, 1, true)).filter(Boolean).length;
    expect(recorded).toBeGreaterThan(100);
    expect(recorded).toBeLessThan(320);
  });

  it('leaves out what a caller does not want recorded, and never tears a trace of our own', () => {
    expect(isRecorded(1, 0, true)).toBe(false);
    expect(isRecorded(0, 1, false)).toBe(true);
  });
});
