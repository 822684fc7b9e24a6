import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Histogram } from 'prom-client';
import { AppError } from '../../kernel/app-error.js';
import { clientSpan } from '../tracing/spans.js';

/** What we ask of WeChat; also the bounded set of values of the label `operation`. */
export type WechatOperation =
  | 'access_token'
  | 'code_to_session'
  | 'phone_number'
  | 'shipping_upload'
  | 'subscribe_message'
  | 'content_check'
  | 'prepay'
  | 'query'
  | 'close'
  | 'refund'
  | 'refund_query'
  | 'bill'
  | 'bill_download'
  | 'certificates';

export const requestDurationMetric = 'wechat_request_duration_seconds';

/**
 * Times every operation (repeats included) and gives it a client span. No ids, codes or openids become labels. Failures
 * are logged by whoever handles them.
 */
@Injectable()
export class WechatMetrics {
  constructor(
    @InjectMetric(requestDurationMetric) private readonly duration: Histogram<'operation' | 'outcome'>,
  ) {}

  async measure<T>(operation: WechatOperation, work: () => Promise<T>): Promise<T> {
    const stop = this.duration.startTimer({ operation });
    try {
      const result = await clientSpan(`wechat ${operation}`, { 'wechat.operation': operation }, work);
      stop({ outcome: 'ok' });
      return result;
    } catch (error) {
      stop({ outcome: outcomeOf(error) });
      throw error;
    }
  }
}

function outcomeOf(error: unknown): string {
  return error instanceof AppError ? error.code.slice(error.code.indexOf('.') + 1) : 'error';
}
