import type { Fen } from '../../kernel/money.js';
import type { PaymentParams } from '../../platform/wechat/pay/pay-client.js';

/** What is to be paid, by whom, until when. `reference` is the caller's own number, opaque here (6–32 of [0-9A-Za-z_|*-]). */
export interface PaymentIntent {
  readonly reference: string;
  readonly amountFen: Fen;
  readonly payerOpenid: string;
  /** What the payer reads in WeChat, at most 127 characters. */
  readonly description: string;
  readonly expiresAt: Date;
}

/** Arguments of `wx.requestPayment`. */
export type ClientPayment = PaymentParams;

/** Money that has arrived. */
export interface Capture {
  readonly transactionId: string;
  readonly amountFen: Fen;
  readonly paidAt: Date;
}

export type PaymentOutcome =
  | { readonly status: 'pending' }
  | { readonly status: 'closed' }
  | { readonly status: 'captured'; readonly capture: Capture };

export type SettledPayment = Exclude<PaymentOutcome, { status: 'pending' }>;

/** Paying through WeChat Pay. News of money travels as the event `payment.captured`. */
export abstract class Payments {
  /** Opens a payment in the caller's transaction; WeChat learns of it only at `start`. */
  abstract open(intent: PaymentIntent): Promise<void>;

  /**
   * Prepares the payment at WeChat, with the same request every time, and signs it for the phone. Repeatable.
   * @throws PaymentNotPossible once captured or closed; PaymentRefused (422) when WeChat refuses this payer or order;
   * WechatUnavailable (503, safe to retry)
   */
  abstract start(reference: string): Promise<ClientPayment>;

  /**
   * What is known, after asking WeChat if the payment was started and nobody asked in the last seconds.
   * Never fails because WeChat is away: then it answers what the database knows.
   */
  abstract refresh(reference: string): Promise<PaymentOutcome>;

  /**
   * Makes sure that nobody can pay any more: closes at WeChat first if the payment was started. `captured` means the
   * money came before. Repeatable.
   * @throws WechatUnavailable, PaymentUndecided (503) when WeChat cannot say: then stock must stay reserved
   */
  abstract close(reference: string): Promise<SettledPayment>;
}

/** What goes back to whoever paid `reference`, and why. `refundNo` is the caller's own (1–64 of [0-9A-Za-z_|*@-]). */
export interface RefundIntent {
  readonly refundNo: string;
  readonly reference: string;
  readonly amountFen: Fen;
  /** What the payer reads in WeChat, at most 80 characters. */
  readonly reason: string;
}

/**
 * `closed`: WeChat gives nothing back, or never took it, and its number is used up. `abnormal`: WeChat could not pay it out; a person has
 * to settle it in the merchant portal, after which it may still succeed.
 */
export type RefundStatus = 'requested' | 'processing' | 'succeeded' | 'closed' | 'abnormal';

export interface RefundState extends RefundIntent {
  readonly status: RefundStatus;
}

/** Giving money back through WeChat Pay. How a refund has ended travels as the event `refund.settled`. */
export abstract class Refunds {
  /**
   * Records the refund in the caller's transaction, after its order rows; WeChat is asked `delayMs` after that has
   * committed, with the same request for as long as it takes. The same `refundNo` again changes nothing and is false.
   * All refunds of a reference together never exceed its capture, however many are requested at once: its payment row
   * is locked.
   * @throws RefundExceedsPayment (conflict), also when nothing was captured
   */
  abstract request(intent: RefundIntent, delayMs?: number): Promise<boolean>;

  /** In the order in which they were requested. */
  abstract listFor(reference: string): Promise<readonly RefundState[]>;
}
