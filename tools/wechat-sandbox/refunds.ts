import { DAY_MS } from './clock.ts';
import type { Clock } from './clock.ts';
import { digits } from './credentials.ts';
import type { Notifier } from './notifier.ts';
import { PayError } from './pay-error.ts';
import { settlements } from './refund.ts';
import type { Refund, RefundOutcome } from './refund.ts';
import { isSameRefund } from './refund-rules.ts';
import type { RefundBody } from './refund-rules.ts';
import type { Collection } from './state-store.ts';
import type { Trade, Trades } from './trades.ts';

const MAX_PARTIALS = 50;
const REFUNDABLE_MS = 365 * DAY_MS;

interface RefundParts {
  readonly records: Collection<Refund>;
  readonly trades: Trades;
  readonly notifier: Notifier;
  readonly now: Clock;
  /** From accepting a refund to its success, unless a control settles it otherwise. */
  readonly delayMs: number;
}

/** Money on its way back. Accepted at once, settled later, told by a notice. */
export class Refunds {
  readonly #parts: RefundParts;
  readonly #settling = new Map<string, NodeJS.Timeout>();

  constructor(parts: RefundParts) {
    this.#parts = parts;
  }

  /**
   * A new refund, or the same one again as it stands now.
   * @throws PayError on other parameters for a known number, and on more than the trade allows
   */
  request(body: RefundBody): Refund {
    const known = this.find(body.out_refund_no);
    if (known && !isSameRefund(known.request, body)) throw invalid('请求重入时，参数与首次请求时不一致');
    return known ?? this.#accept(body);
  }

  find(outRefundNo: string): Refund | undefined {
    return this.#parts.records.get(outRefundNo);
  }

  all(): readonly Refund[] {
    return [...this.#parts.records.entries()].map(([, refund]) => refund);
  }

  /** @returns the refund and the first attempt to tell the shop; undefined where the outcome is not possible. */
  settle(refund: Refund, outcome: RefundOutcome): { refund: Refund; told: Promise<void> } | undefined {
    const { out_refund_no: outRefundNo } = refund.request;
    const status = settlements[refund.status][outcome];
    if (!status) return undefined;
    this.#disarm(outRefundNo);
    const settled = this.#save({ ...refund, status, settledAtMs: this.#parts.now() });
    const told = this.#parts.notifier.announce({
      outTradeNo: refund.outTradeNo,
      refund: { outRefundNo, status },
    });
    return { refund: settled, told };
  }

  /** Takes up what an earlier process left unsettled. */
  resume(): void {
    for (const refund of this.all()) if (refund.status === 'PROCESSING') this.#settleLater(refund);
  }

  stop(): void {
    for (const outRefundNo of this.#settling.keys()) this.#disarm(outRefundNo);
  }

  #accept(body: RefundBody): Refund {
    const trade = this.#tradeOf(body);
    const { out_trade_no: outTradeNo } = trade.request;
    this.#assertRefundable(trade, body);
    this.#parts.trades.refund(trade);
    const createdAtMs = this.#parts.now();
    const refundId = `5030${digits(24)}`;
    const refund = this.#save({ status: 'PROCESSING', refundId, outTradeNo, request: body, createdAtMs });
    this.#settleLater(refund);
    return refund;
  }

  #tradeOf({ transaction_id: id, out_trade_no: outTradeNo }: RefundBody): Trade {
    const { trades } = this.#parts;
    const trade = id === undefined ? trades.find(outTradeNo ?? '') : trades.findByTransaction(id);
    if (!trade) throw new PayError('RESOURCE_NOT_EXISTS', '订单不存在');
    if (outTradeNo !== undefined && outTradeNo !== trade.request.out_trade_no)
      throw invalid('transaction_id与out_trade_no不匹配');
    return trade;
  }

  #assertRefundable({ paidAtMs, request }: Trade, { amount }: RefundBody): void {
    if (paidAtMs === undefined) throw invalid('订单未支付，不能退款');
    if (paidAtMs < this.#parts.now() - REFUNDABLE_MS) throw invalid('订单已超过退款期限');
    if (amount.total !== request.amount.total) throw invalid('订单金额与支付时不一致');
    const earlier = this.all().filter(({ outTradeNo }) => outTradeNo === request.out_trade_no);
    if (earlier.length >= MAX_PARTIALS) throw invalid('退款次数超过限制');
    const taken = earlier.filter(({ status }) => status !== 'CLOSED');
    const sum = taken.reduce((fen, refund) => fen + refund.request.amount.refund, amount.refund);
    if (sum > amount.total) throw invalid('退款总金额大于订单金额');
  }

  #settleLater(refund: Refund): void {
    const { out_refund_no: outRefundNo } = refund.request;
    const settle = () => void this.settle(refund, 'success')?.told;
    this.#settling.set(outRefundNo, setTimeout(settle, this.#parts.delayMs));
  }

  #disarm(outRefundNo: string): void {
    clearTimeout(this.#settling.get(outRefundNo));
    this.#settling.delete(outRefundNo);
  }

  #save(refund: Refund): Refund {
    this.#parts.records.put(refund.request.out_refund_no, refund);
    return refund;
  }
}

function invalid(message: string): PayError {
  return new PayError('INVALID_REQUEST', message);
}
