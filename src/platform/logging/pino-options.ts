import pino, { type LoggerOptions } from 'pino';
import { currentContext } from '../tracing/request-context.js';
import { redactedPaths, serializeError } from './redaction.js';

export interface LoggingOptions {
  readonly level: string;
  readonly service: string;
}

export const serializers = { err: serializeError };

/** Everything the shop's logger is made of but where it writes to. */
export function pinoOptions({ level, service }: LoggingOptions): LoggerOptions {
  return {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }) },
    redact: { paths: redactedPaths, censor: '[redacted]' },
    serializers,
    mixin: contextFields,
  };
}

function contextFields(): object {
  const context = currentContext();
  if (!context) return {};
  const { traceId, requestId, userId, staffId } = context;
  return { trace_id: traceId, request_id: requestId, user_id: userId, staff_id: staffId };
}
