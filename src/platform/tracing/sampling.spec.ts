import { ROOT_CONTEXT } from '@opentelemetry/api';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { isSampled } from './sampling.js';
import { newSpanId, newTraceId } from './trace-context.js';

const parent = (sampled: boolean) => ({ traceId: newTraceId(), spanId: newSpanId(), sampled });

function sdkSamples(traceId: string, ratio: number): boolean {
  const sampler = new TraceIdRatioBasedSampler(ratio);
  return sampler.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
}

describe('sampling', () => {
  it('is not decided by whoever sends a traceparent', () => {
    expect(isSampled(newTraceId(), parent(true), 0)).toBe(false);
    expect(isSampled(newTraceId(), parent(true), 1)).toBe(true);
  });

  it('leaves out what a caller does not want recorded', () => {
    expect(isSampled(newTraceId(), parent(false), 1)).toBe(false);
  });

  it('decides as every other service of the trace that uses OpenTelemetry’s sampler', () => {
    const ids = Array.from({ length: 500 }, newTraceId);
    for (const ratio of [0, 0.1, 0.5, 0.999, 1]) {
      const differing = ids.filter(id => isSampled(id, null, ratio) !== sdkSamples(id, ratio));
      expect(differing).toEqual([]);
    }
    const recorded = ids.filter(id => isSampled(id, null, 0.5)).length;
    expect(recorded).toBeGreaterThan(150);
    expect(recorded).toBeLessThan(350);
  });
});
