import type { Page, PageRequest } from '../../kernel/page.js';
import type { RefundRequestView } from './aftersale/aftersale.schema.js';
import type { OrderState, RefundRequestStatus } from './order.machine.js';
import type { OrderView } from './order.schema.js';

export { refundRequestView } from './aftersale/aftersale.schema.js';
export { orderStates, refundRequestStatuses } from './order.machine.js';
export { orderView } from './order.schema.js';
export type { OrderState, OrderView, RefundRequestStatus, RefundRequestView };

/** What the shopper sees, and whose it is. */
export interface DeskOrder extends OrderView {
  readonly userId: string;
}

export interface OrderDeskQuery extends PageRequest {
  readonly status?: OrderState;
  readonly userId?: string;
  readonly number?: string;
}

export interface Shipment {
  /** The carrier's id in WeChat's list, at most 64 characters. */
  readonly carrier: string;
  /** At most 64 characters. */
  readonly trackingNumber: string;
}

/** Orders of all shoppers, for the merchant. Calls join the caller's transaction, except where they say otherwise. */
export abstract class OrderDesk {
  /** Newest first. */
  abstract list(query: OrderDeskQuery): Promise<Page<DeskOrder>>;

  /** @throws OrderNotFound */
  abstract get(orderId: string): Promise<DeskOrder>;

  /** As `get`, and nobody else changes it until the caller's transaction ends. @throws OrderNotFound */
  abstract lock(orderId: string): Promise<DeskOrder>;

  /**
   * A paid order is on its way. The same shipment again changes nothing, wherever the order has gone since; another one
   * corrects a shipment that WeChat has refused.
   * @throws OrderNotFound; OrderNotShippable (conflict) in any other state, and for another shipment of a shipped order
   */
  abstract ship(orderId: string, shipment: Shipment): Promise<DeskOrder>;

  /**
   * Cancels an unpaid order. Asks WeChat, so it must not be called inside a transaction. A cancelled one again is fine.
   * `alongside` runs in the transaction that cancels, after it, and so not if somebody else was first; if it fails, the
   * order is not cancelled.
   * @throws OrderNotFound; OrderNotCancellable (conflict); WechatUnavailable (503, nothing has happened)
   */
  abstract close(orderId: string, alongside?: () => Promise<void>): Promise<DeskOrder>;
}

export interface RefundRequestQuery extends PageRequest {
  readonly orderId?: string;
  readonly status?: RefundRequestStatus;
}

/** Units of an order that go back. */
export interface RefundItem {
  readonly skuId: string;
  readonly quantity: number;
}

export interface MerchantRefund {
  /** What the shopper reads in WeChat, at most 80 characters. */
  readonly reason: string;
  /** All that is left of the order when absent. */
  readonly items?: readonly RefundItem[];
  readonly restock: boolean;
}

/** Refunds, as the merchant decides them. Every call joins the caller's transaction. */
export abstract class AfterSales {
  /** Newest first. */
  abstract list(query: RefundRequestQuery): Promise<Page<RefundRequestView>>;

  /** @throws RefundRequestNotFound */
  abstract get(requestId: string): Promise<RefundRequestView>;

  /** As `get`, and nobody else changes it or its order until the caller's transaction ends. @throws RefundRequestNotFound */
  abstract lock(requestId: string): Promise<RefundRequestView>;

  /**
   * The money goes back once the transaction has committed. Units return to stock if the order was never shipped or
   * `restock` says that they came back. A request whose refund WeChat has closed (`failed`) can be approved again.
   * @throws RefundRequestNotFound; RefundRequestDecided, RefundNotPossible (a year has passed since), RefundExceedsPayment
   * (conflict)
   */
  abstract approve(requestId: string, options: { readonly restock: boolean }): Promise<RefundRequestView>;

  /** The order goes on from where it was. @throws RefundRequestNotFound; RefundRequestDecided (conflict) */
  abstract refuse(requestId: string, reason: string): Promise<RefundRequestView>;

  /**
   * The merchant has paid the money back otherwise, because WeChat cannot: for a request that nobody has decided, or whose
   * refund WeChat has closed (`failed`). Ends it as a success does, with the order refunded or back where it was, and
   * units return to stock as in `approve`, once.
   * @throws RefundRequestNotFound; RefundRequestDecided (conflict), also while WeChat may still make the refund
   */
  abstract settleByHand(
    requestId: string,
    options: { readonly restock: boolean },
  ): Promise<RefundRequestView>;

  /**
   * Requested and approved at once, without the shopper.
   * @throws OrderNotFound; OrderNotRefundable, RefundNotPossible, RefundExceedsPayment (conflict); RefundItemsInvalid,
   * NothingToRefund (unprocessable)
   */
  abstract refund(orderId: string, refund: MerchantRefund): Promise<RefundRequestView>;
}
