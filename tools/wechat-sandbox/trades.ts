import { randomBytes } from 'node:crypto';
import { chinaTime, HOUR_MS } from './clock.ts';
import type { Clock } from './clock.ts';
import { digits } from './credentials.ts';
import { INVALID_REQUEST_CAUSE, PayError } from './pay-error.ts';
import { fingerprint, payUntilMs } from './prepay-rules.ts';
import type { PrepayBody } from './prepay-rules.ts';
import type { Collection, StateStore } from './state-store.ts';

const PREPAY_TTL_MS = 2 * HOUR_MS;

export type TradeState = 'NOTPAY' | 'SUCCESS' | 'REFUND' | 'CLOSED';

type TradeEvent = 'pay' | 'close' | 'refund';

/** Where an event leads; an absent one is refused. Time alone changes nothing: an expired trade stays NOTPAY. */
export const transitions: Readonly<Record<TradeState, Readonly<Partial<Record<TradeEvent, TradeState>>>>> = {
  NOTPAY: { pay: 'SUCCESS', close: 'CLOSED' },
  SUCCESS: { refund: 'REFUND' },
  REFUND: { refund: 'REFUND' },
  CLOSED: { close: 'CLOSED' },
};

const stateTexts: Readonly<Record<TradeState, string>> = {
  NOTPAY: '订单未支付',
  SUCCESS: '支付成功',
  REFUND: '转入退款',
  CLOSED: '订单已关闭',
};

export interface Trade {
  readonly state: TradeState;
  readonly request: PrepayBody;
  readonly payUntilMs: number;
  readonly transactionId?: string;
  readonly paidAtMs?: number;
}

interface Prepay {
  readonly outTradeNo: string;
  readonly expiresAtMs: number;
}

export class Trades {
  readonly #trades: Collection<Trade>;
  readonly #prepays: Collection<Prepay>;
  readonly #byTransaction = new Map<string, string>();
  readonly #now: Clock;

  constructor(store: StateStore, now: Clock) {
    this.#trades = store.collection('trades');
    this.#prepays = store.collection('prepays');
    this.#now = now;
    for (const [outTradeNo, trade] of this.#trades.entries()) this.#index(outTradeNo, trade);
  }

  /**
   * A new trade, or the same one again with a fresh prepay_id (2 h).
   * @throws PayError on other parameters, an expired, closed or paid trade
   */
  prepay(request: PrepayBody): string {
    const known = this.#trades.get(request.out_trade_no);
    if (known) this.#assertRepeatable(known, request);
    else this.#trades.put(request.out_trade_no, this.#open(request));
    const prepayId = `wx${chinaTime(this.#now()).replace(/\D/g, '').slice(0, 14)}${randomBytes(10).toString('hex')}`;
    const expiresAtMs = this.#now() + PREPAY_TTL_MS;
    this.#prepays.put(prepayId, { outTradeNo: request.out_trade_no, expiresAtMs });
    return prepayId;
  }

  #open(request: PrepayBody): Trade {
    return { state: 'NOTPAY', request, payUntilMs: payUntilMs(request, this.#now()) };
  }

  #assertRepeatable(trade: Trade, request: PrepayBody): void {
    if (trade.state === 'CLOSED') throw new PayError('ORDER_CLOSED', '订单已关闭');
    if (trade.paidAtMs !== undefined) throw invalid('该订单已支付', INVALID_REQUEST_CAUSE.paid);
    if (fingerprint(trade.request) !== fingerprint(request))
      throw invalid('请求重入时，参数与首次请求时不一致', INVALID_REQUEST_CAUSE.otherParams);
    if (trade.payUntilMs <= this.#now()) throw invalid('订单已过期', INVALID_REQUEST_CAUSE.expired);
  }

  find(outTradeNo: string): Trade | undefined {
    return this.#trades.get(outTradeNo);
  }

  findByTransaction(transactionId: string): Trade | undefined {
    return this.find(this.#byTransaction.get(transactionId) ?? '');
  }

  /** What the phone may pay with this prepay_id, or the reason it shows instead. */
  payable(prepayId: string): Trade | string {
    const prepay = this.#prepays.get(prepayId);
    const trade = prepay && this.find(prepay.outTradeNo);
    if (!trade) return 'prepay_id is unknown';
    if (prepay.expiresAtMs <= this.#now()) return 'prepay_id has expired';
    if (!transitions[trade.state].pay) return `trade is ${trade.state}`;
    return trade.payUntilMs > this.#now() ? trade : 'trade is past its time_expire';
  }

  pay(trade: Trade): Trade & { readonly transactionId: string } {
    const state = transitions[trade.state].pay;
    if (!state) throw new Error(`trade ${trade.request.out_trade_no} cannot be paid in ${trade.state}`);
    const transactionId = `4200${digits(24)}`;
    const paid = { ...trade, state, transactionId, paidAtMs: this.#now() };
    this.#trades.put(trade.request.out_trade_no, paid);
    this.#index(trade.request.out_trade_no, paid);
    return paid;
  }

  /** Some of it goes back; that and how much is for the refunds to say. */
  refund(trade: Trade): void {
    const state = transitions[trade.state].refund;
    if (!state) throw new Error(`trade ${trade.request.out_trade_no} cannot be refunded in ${trade.state}`);
    this.#trades.put(trade.request.out_trade_no, { ...trade, state });
  }

  all(): readonly Trade[] {
    return [...this.#trades.entries()].map(([, trade]) => trade);
  }

  /** Repeatable. @throws PayError ORDER_NOT_EXIST, ORDER_PAID */
  close(outTradeNo: string): void {
    const trade = this.find(outTradeNo);
    if (!trade) throw new PayError('ORDER_NOT_EXIST', '订单不存在');
    const state = transitions[trade.state].close;
    if (!state) throw new PayError('ORDER_PAID', '订单已支付');
    this.#trades.put(outTradeNo, { ...trade, state });
  }

  #index(outTradeNo: string, trade: Trade): void {
    if (trade.transactionId) this.#byTransaction.set(trade.transactionId, outTradeNo);
  }
}

function invalid(message: string, finerNumber: number): PayError {
  return new PayError('INVALID_REQUEST', message, undefined, finerNumber);
}

/** The answer to a query and the plaintext of a notice; what only a payment brings is absent before it. */
export function tradeView({ state, request, transactionId, paidAtMs }: Trade): Record<string, unknown> {
  const { appid, mchid, out_trade_no, amount, payer, attach } = request;
  const common = { appid, mchid, out_trade_no, trade_state: state, trade_state_desc: stateTexts[state] };
  if (paidAtMs === undefined) return { ...common, amount: { total: amount.total, currency: 'CNY' } };
  return {
    ...common,
    transaction_id: transactionId,
    trade_type: 'JSAPI',
    bank_type: 'OTHERS',
    attach: attach ?? '',
    success_time: chinaTime(paidAtMs),
    payer,
    amount: { total: amount.total, payer_total: amount.total, currency: 'CNY', payer_currency: 'CNY' },
  };
}
