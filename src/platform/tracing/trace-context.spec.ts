import { describe, expect, it } from 'vitest';
import { formatTraceparent, newSpanId, newTraceId, parseTraceparent } from './trace-context.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('traceparent', () => {
  it.each([
    ['sampled', `00-${traceId}-${spanId}-01`, true],
    ['not sampled', `00-${traceId}-${spanId}-00`, false],
    ['with flags of a later version', `00-${traceId}-${spanId}-ff`, true],
    ['of a later version with more fields', `01-${traceId}-${spanId}-01-what-comes`, true],
  ])('is read when it is %s', (_, header, sampled) => {
    expect(parseTraceparent(header)).toEqual({ traceId, spanId, sampled });
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['in capitals', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['of version ff', `ff-${traceId}-${spanId}-01`],
    ['of version 00 with more fields', `00-${traceId}-${spanId}-01-more`],
    ['an all-zero trace', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['an all-zero span', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['cut short', `00-${traceId}-${spanId}`],
    ['surrounded by spaces', ` 00-${traceId}-${spanId}-01`],
  ])('starts a new trace when it is %s', (_, header) => {
    expect(parseTraceparent(header)).toBeNull();
  });

  it('survives a round trip with fresh ids', () => {
    const context = { traceId: newTraceId(), spanId: newSpanId(), sampled: true };
    expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
  });
});
