import type { Fen } from '../../kernel/money.js';
import type { PaymentParams } from '../../platform/wechat/pay-client.js';

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
