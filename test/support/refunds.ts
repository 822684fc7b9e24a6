import { vi } from 'vitest';
import { PayRefunds } from '../../src/platform/wechat/pay/pay-refunds.ts';
import type { Refund } from '../../src/platform/wechat/pay/refund.ts';
import { WechatUnavailable } from '../../src/platform/wechat/wechat-error.ts';
import type { TestApp } from './app.ts';

interface RequestText {
  readonly out_trade_no: string;
  readonly out_refund_no: string;
  readonly amount: { readonly refund: number; readonly total: number };
}

/** What WeChat answers to refunds, decided by a test. */
export interface PlayedRefunds {
  /** Every request that came, in full. */
  readonly requests: readonly string[];
  status: Refund['status'];
  /** How many of the next requests get no answer. */
  failures: number;
}

/** Plays WeChat's refund API for a shop in this process. */
export function playRefunds({ app }: Pick<TestApp, 'app'>): PlayedRefunds {
  const requests: string[] = [];
  const play: PlayedRefunds = { requests, status: 'SUCCESS', failures: 0 };
  const pay = app.get(PayRefunds, { strict: false });
  vi.spyOn(pay, 'request').mockImplementation(async body => {
    requests.push(body);
    if (play.failures-- > 0) throw new WechatUnavailable('the answer is lost');
    return refundOf(JSON.parse(body) as RequestText, play.status);
  });
  vi.spyOn(pay, 'query').mockImplementation(async refundNo => {
    const texts = requests.map(body => JSON.parse(body) as RequestText);
    return refundOf(
      texts.find(text => text.out_refund_no === refundNo)!,
      play.status,
    );
  });
  return play;
}

export function refundOf(request: RequestText, status: Refund['status']): Refund {
  return {
    refundId: `wx-${request.out_refund_no}`,
    outRefundNo: request.out_refund_no,
    outTradeNo: request.out_trade_no,
    status,
    amountFen: request.amount.refund,
    totalFen: request.amount.total,
  };
}

export interface RefundRow {
  readonly refundNo: string;
  readonly status: string;
  readonly amountFen: number;
}

/** The refunds of an order as PostgreSQL has them. */
export async function refundsOf(
  shop: Pick<TestApp, 'database'>,
  number: string,
): Promise<readonly RefundRow[]> {
  const { rows } = await shop.database.query<RefundRow>(
    `select refund_no as "refundNo", status, amount_fen as "amountFen" from refunds where reference = $1 order by id`,
    [number],
  );
  return rows;
}
