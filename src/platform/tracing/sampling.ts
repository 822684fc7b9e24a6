import type { TraceParent } from './trace-context.js';

const range = 2 ** 32;

/**
 * Anybody can send `traceparent: …-01`, and must not decide how much we export: its trace id is kept, and the ratio,
 * which looks at nothing but that id, applies to it like to our own. Only a caller's "no" is taken at its word.
 */
export function isSampled(traceId: string, parent: TraceParent | null, ratio: number): boolean {
  if (parent?.sampled === false) return false;
  return ratio >= 1 || foldedTraceId(traceId) < Math.floor(ratio * (range - 1));
}

/** As OpenTelemetry's sampler by ratio does it, so that all services of a trace decide the same. */
function foldedTraceId(traceId: string): number {
  let folded = 0;
  for (let at = 0; at < traceId.length; at += 8) folded ^= parseInt(traceId.slice(at, at + 8), 16);
  return folded >>> 0;
}
