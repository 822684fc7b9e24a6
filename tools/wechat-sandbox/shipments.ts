import type { Clock } from './clock.ts';
import type { Credentials } from './credentials.ts';
import type { Faults } from './faults.ts';
import { fingerprint } from './prepay-rules.ts';
import type { Refunds } from './refunds.ts';
import { refuseShipping } from './shipping-rules.ts';
import type { ShippingBody } from './shipping-rules.ts';
import type { Collection } from './state-store.ts';
import type { Trade, Trades } from './trades.ts';

export interface ShippingRecord {
  readonly logisticsType: number;
  readonly parcels: readonly Readonly<Record<string, unknown>>[];
  readonly uploadTime: string;
  /** False while parcels of a split delivery are missing. */
  readonly isComplete: boolean;
  /** 2 once it has been shipped anew, which is possible once. */
  readonly times: number;
  /** Of the last upload, its time apart. */
  readonly fingerprint: string;
}

interface ShipmentParts {
  readonly credentials: Credentials;
  readonly trades: Trades;
  readonly refunds: Refunds;
  readonly faults: Faults;
  readonly records: Collection<ShippingRecord>;
  readonly now: Clock;
}

/** 发货信息管理: what the shop says it has sent, payment by payment. */
export class Shipments {
  readonly #parts: ShipmentParts;

  constructor(parts: ShipmentParts) {
    this.#parts = parts;
  }

  find(transactionId: string): ShippingRecord | undefined {
    return this.#parts.records.get(transactionId);
  }

  /** @returns the errcode, 0 when it was taken */
  upload(input: Readonly<Record<string, unknown>>): number {
    const malformed = refuseShipping(input);
    if (malformed) return malformed;
    const body = input as unknown as ShippingBody;
    const trade = this.#tradeOf(body);
    if (!trade?.transactionId || !this.#isKnown(trade)) return 10060001;
    if (body.payer?.openid !== trade.request.payer.openid) return 10060031;
    if (this.#isRefunded(trade)) return 10060004;
    const next = follow(this.find(trade.transactionId), body);
    if (typeof next === 'number') return next;
    this.#parts.records.put(trade.transactionId, next);
    return 0;
  }

  #tradeOf({ order_key: key }: ShippingBody): Trade | undefined {
    const { trades, credentials } = this.#parts;
    if (key.order_number_type === 2) return trades.findByTransaction(key.transaction_id);
    return key.mchid === credentials.mchId ? trades.find(key.out_trade_no) : undefined;
  }

  /** The order service learns of a payment a while after it. */
  #isKnown({ paidAtMs = Infinity }: Trade): boolean {
    return this.#parts.now() >= paidAtMs + this.#parts.faults.shippingDelayMs;
  }

  #isRefunded({ request }: Trade): boolean {
    const own = this.#parts.refunds
      .all()
      .filter(({ outTradeNo, status }) => outTradeNo === request.out_trade_no && status !== 'CLOSED');
    return own.reduce((fen, { request: { amount } }) => fen + amount.refund, 0) === request.amount.total;
  }
}

/** The record after this upload, or the errcode that refuses it. */
function follow(known: ShippingRecord | undefined, body: ShippingBody): ShippingRecord | number {
  const print = fingerprint([
    body.logistics_type,
    body.delivery_mode,
    body.is_all_delivered,
    body.shipping_list,
  ]);
  const next = {
    logisticsType: body.logistics_type,
    parcels: body.shipping_list,
    uploadTime: body.upload_time,
    isComplete: body.is_all_delivered ?? true,
    times: 1,
    fingerprint: print,
  };
  if (!known) return next;
  if (known.fingerprint === print) return 10060023;
  if (known.logisticsType !== body.logistics_type) return 10060005;
  if (!known.isComplete) return { ...next, parcels: [...known.parcels, ...next.parcels] };
  return known.times === 2 ? 10060003 : { ...next, times: 2 };
}
