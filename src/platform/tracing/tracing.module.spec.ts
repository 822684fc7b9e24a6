import { Logger } from '@nestjs/common';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { SamplingDecision, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { newSpanId, newTraceId } from './trace-context.js';
import { samplerOf, TraceExport } from './tracing.module.js';

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

describe('the last spans', () => {
  afterEach(() => vi.restoreAllMocks());

  it('do not hold up the end when the collector takes nothing', { timeout: 3_000 }, async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    vi.spyOn(TracerProvider.prototype, 'shutdown').mockReturnValue(new Promise(() => undefined));
    const spans = new TraceExport({ endpoint: 'http://127.0.0.1:1', serviceName: 'x', sampleRatio: 1 });
    spans.onModuleInit();
    await spans.onApplicationShutdown();
    expect(warn).toHaveBeenCalledWith('the last spans were lost');
  });
});
