import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { PayApi } from './pay-api.js';
import { RefundRefused, RefundUnknown } from './refund-error.js';
import { refundSchema, type Refund } from './refund.js';
import { assertAbout, readAnswer } from '../wechat-answer.js';
import { WechatRefused } from '../wechat-error.js';

const path = '/v3/refund/domestic/refunds';

/** What a request asks for, to be found again in its answer. */
const requestSchema = z
  .object({
    out_refund_no: z.string(),
    out_trade_no: z.string(),
    amount: z.object({ refund: z.number(), total: z.number() }),
  })
  .transform(({ out_refund_no, out_trade_no, amount }) => ({
    outRefundNo: out_refund_no,
    outTradeNo: out_trade_no,
    amountFen: amount.refund,
    totalFen: amount.total,
  }));

/**
 * Refunds through WeChat Pay. Promise: every call settles within `wechat.requestTimeout`, and what comes back was signed
 * by WeChat Pay and is about the refund that was asked for.
 * @throws WechatUnavailable · WechatThrottled · WechatSignatureInvalid · WechatAnswerMismatch (all worth trying again,
 * with the same number); WechatMisconfigured
 */
@Injectable()
export class PayRefunds {
  constructor(private readonly api: PayApi) {}

  /**
   * Sends `body` byte for byte. Store it, with its `out_refund_no`, before the first call and send the same text again
   * until there is an answer: another number would give the money back twice, and other bytes for a known one are
   * refused. An answer means accepted, not refunded: see its `status`.
   * @throws RefundRefused
   */
  async request(body: string): Promise<Refund> {
    const asked = requestSchema.parse(JSON.parse(body));
    const answer = await this.api
      .call({ operation: 'refund', method: 'POST', path, body, isPatient: true })
      .catch((error: unknown) => {
        throw error instanceof WechatRefused ? new RefundRefused(error.errcode, error.reason, error) : error;
      });
    const refund = readAnswer(refundSchema, answer, 'refund');
    assertAbout('refund', refund, asked);
    return refund;
  }

  /** @throws RefundUnknown when the request never got there; WechatRefused */
  async query(outRefundNo: string): Promise<Refund> {
    const own = `${path}/${encodeURIComponent(outRefundNo)}`;
    const answer = await this.api
      .call({ operation: 'refund_query', method: 'GET', path: own, isPatient: true })
      .catch((error: unknown) => {
        throw isUnknown(error) ? new RefundUnknown(outRefundNo) : error;
      });
    const refund = readAnswer(refundSchema, answer, 'refund_query');
    assertAbout('refund_query', refund, { outRefundNo });
    return refund;
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof WechatRefused && error.is('RESOURCE_NOT_EXISTS');
}
