import type { AccessTokens } from './access-token.ts';
import { chinaTime } from './clock.ts';
import { found, get, post } from './control-route.ts';
import type { ControlRoute } from './control-route.ts';
import type { Faults } from './faults.ts';
import { dispatch, json, parseJson } from './http.ts';
import type { Answer, SandboxRequest } from './http.ts';
import type { Login } from './login.ts';
import type { Notifier } from './notifier.ts';
import type { Phones } from './phone.ts';
import type { PhonePayments } from './phone-payment.ts';
import type { Pushes } from './push.ts';
import { refundControls } from './refund-controls.ts';
import type { Refunds } from './refunds.ts';
import { check, InvalidInput, shape, text } from './rules.ts';
import type { Shipments } from './shipments.ts';
import type { Subscriptions } from './subscriptions.ts';
import { tradeView } from './trades.ts';
import type { Trade, Trades } from './trades.ts';
import type { Users } from './users.ts';

interface ControlParts {
  readonly users: Users;
  readonly login: Login;
  readonly phones: Phones;
  readonly tokens: AccessTokens;
  readonly trades: Trades;
  readonly refunds: Refunds;
  readonly shipments: Shipments;
  readonly subscriptions: Subscriptions;
  readonly payments: PhonePayments;
  readonly pushes: Pushes;
  readonly notifier: Notifier;
  readonly faults: Faults;
}

interface PhoneCodeInput {
  readonly openid: string;
  readonly phone: string;
  readonly countryCode?: string;
}

const openid = text({ max: 128, pattern: /^[\w-]+$/ });
const loginCodeRule = shape({}, { openid });
const phoneCodeRule = shape(
  { openid, phone: text({ min: 5, max: 15, pattern: /^\d+$/ }) },
  { countryCode: text({ max: 3, pattern: /^\d+$/ }) },
);

/** What stands in for people and their phones; WeChat has nothing of this. */
export class Controls {
  readonly #parts: ControlParts;
  readonly #routes: readonly ControlRoute[];

  constructor(parts: ControlParts) {
    this.#parts = parts;
    const { trades, refunds, shipments, subscriptions, notifier, payments, pushes } = parts;
    this.#routes = [
      post('login-codes', request => this.#loginCode(request)),
      post('phone-codes', request => this.#phoneCode(request)),
      post('payments', async request => json(200, await payments.pay(parseJson(request.body)))),
      post('pushes', async request => json(200, await pushes.push(parseJson(request.body)))),
      ...refundControls(refunds, trades),
      get('shipments/:transactionId', (_, [id = '']) => found(shipments.find(id))),
      post('subscriptions', request => json(200, subscriptions.grant(parseJson(request.body)))),
      get('messages', () => json(200, { items: subscriptions.sent() })),
      post('faults', request => this.#setFaults(request)),
      get('notifications', () => json(200, { items: notifier.deliveries() })),
      post('notifications/:id/redeliver', async (_, [id = '']) => found(await notifier.redeliver(id))),
      get('trades/:outTradeNo', (_, [no = '']) => found(viewTrade(trades.find(no)))),
    ];
  }

  async handle(request: SandboxRequest): Promise<Answer> {
    try {
      return (await dispatch(this.#routes, request)) ?? json(404, { message: 'no such control' });
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      return json(400, { message: error.message, field: error.problem.field });
    }
  }

  #loginCode(request: SandboxRequest): Answer {
    const body = request.body.length === 0 ? {} : parseJson(request.body);
    return json(200, this.#parts.login.mint(check<{ openid?: string }>(loginCodeRule, body).openid));
  }

  #phoneCode(request: SandboxRequest): Answer {
    const input = check<PhoneCodeInput>(phoneCodeRule, parseJson(request.body));
    if (!this.#parts.users.has(input.openid))
      throw new InvalidInput({ field: '/openid', value: input.openid, issue: 'is unknown: log in first' });
    return json(200, { code: this.#parts.phones.mint({ countryCode: '86', ...input }) });
  }

  #setFaults(request: SandboxRequest): Answer {
    const plan = this.#parts.faults.replace(parseJson(request.body));
    if (plan.kickToken) this.#parts.tokens.kickAll();
    if (plan.expireToken) this.#parts.tokens.expireAll();
    this.#parts.notifier.rearm();
    return json(200, plan);
  }
}

function viewTrade(trade: Trade | undefined): Record<string, unknown> | undefined {
  if (!trade) return undefined;
  const { description, notify_url } = trade.request;
  return { ...tradeView(trade), description, notify_url, time_expire: chinaTime(trade.payUntilMs) };
}
