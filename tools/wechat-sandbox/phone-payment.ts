import type { Credentials } from './credentials.ts';
import type { Notifier } from './notifier.ts';
import { isSignedByMerchant, lines } from './pay-signature.ts';
import { check, flag, InvalidInput, oneOf, shape, text } from './rules.ts';
import type { Trade, Trades } from './trades.ts';

interface PaymentInput {
  readonly appId?: string;
  readonly timeStamp: string;
  readonly nonceStr: string;
  readonly package: string;
  readonly signType: 'RSA';
  readonly paySign: string;
  readonly outcome?: 'paid' | 'cancelled' | 'lost-callback';
  /** Answer only after the first delivery attempt. */
  readonly waitForNotify?: boolean;
}

const paymentRule = shape(
  {
    timeStamp: text({ max: 10, pattern: /^\d{10}$/ }),
    nonceStr: text({ max: 32 }),
    package: text({ max: 128, pattern: /^prepay_id=./ }),
    signType: oneOf('RSA'),
    paySign: text({ max: 1024 }),
  },
  {
    appId: text({ max: 32 }),
    outcome: oneOf('paid', 'cancelled', 'lost-callback'),
    waitForNotify: flag,
  },
);

export interface PaymentResult {
  readonly outcome: 'paid' | 'cancelled' | 'lost-callback';
  readonly outTradeNo: string;
  readonly transactionId?: string;
}

/** wx.requestPayment and the person holding the phone. */
export class PhonePayments {
  readonly #credentials: Credentials;
  readonly #trades: Trades;
  readonly #notifier: Notifier;

  constructor(credentials: Credentials, trades: Trades, notifier: Notifier) {
    this.#credentials = credentials;
    this.#trades = trades;
    this.#notifier = notifier;
  }

  /** @throws InvalidInput where the phone would show an error instead of the payment sheet */
  async pay(body: unknown): Promise<PaymentResult> {
    const input = check<PaymentInput>(paymentRule, body);
    const trade = this.#open(input);
    const outTradeNo = trade.request.out_trade_no;
    const { outcome = 'paid' } = input;
    if (outcome === 'cancelled') return { outcome, outTradeNo };
    const paid = this.#trades.pay(trade);
    const told = this.#tell(outTradeNo, outcome);
    if (input.waitForNotify) await told;
    return { outcome, outTradeNo, transactionId: paid.transactionId };
  }

  /** The phone's own checks: the merchant's signature first, then the prepay_id. */
  #open(input: PaymentInput): Trade {
    const appId = input.appId ?? this.#credentials.appId;
    const message = lines(appId, input.timeStamp, input.nonceStr, input.package);
    if (!isSignedByMerchant(this.#credentials, message, input.paySign))
      throw refuse('paySign', `does not sign ${JSON.stringify(message)}`);
    if (appId !== this.#credentials.appId) throw refuse('appId', 'is not this mini-program');
    const trade = this.#trades.payable(input.package.slice('prepay_id='.length));
    if (typeof trade === 'string') throw refuse('package', trade);
    return trade;
  }

  #tell(outTradeNo: string, outcome: 'paid' | 'lost-callback'): Promise<void> {
    if (outcome === 'paid') return this.#notifier.announce({ outTradeNo });
    this.#notifier.lose({ outTradeNo });
    return Promise.resolve();
  }
}

function refuse(field: string, issue: string): InvalidInput {
  return new InvalidInput({ field: `/${field}`, value: undefined, issue });
}
