import { startsPath } from './http.ts';
import { all, check, flag, InvalidInput, integer, oneOf, shape, text } from './rules.ts';
import type { Rule } from './rules.ts';

interface Bounded {
  /** How many times the fault strikes; without it, until the next plan. */
  readonly remaining?: number;
}

export interface ApiFault extends Bounded {
  readonly path?: string;
  readonly errcode?: number;
  readonly timeout?: boolean;
}

export interface PayFault extends Bounded {
  readonly path?: string;
  readonly status?: number;
  readonly code?: string;
  readonly timeout?: boolean;
  /** The work is done, the answer never arrives. */
  readonly replyLost?: boolean;
  /** The answer carries a deliberately wrong signature, as WeChat's probes do. */
  readonly signTest?: boolean;
  readonly unsigned?: boolean;
  /** What is said to be closed stays open: money that came in the same moment. */
  readonly closeIgnored?: boolean;
}

export interface NotifyFault extends Bounded {
  readonly duplicate?: boolean;
  readonly delayMs?: number;
  /** A probe with a wrong signature goes first, the right copy follows. */
  readonly signTest?: boolean;
  readonly wrongSerial?: boolean;
  readonly staleTimestamp?: boolean;
  readonly lost?: boolean;
  /** Held back until the next trade's notice has been delivered. */
  readonly outOfOrder?: boolean;
  readonly tamperAmount?: boolean;
  readonly keyMode?: 'certificate' | 'public-key';
}

export interface FaultPlan {
  readonly api?: ApiFault;
  readonly pay?: PayFault;
  readonly notify?: NotifyFault;
  /** One-shot: every access token becomes unknown (40001). */
  readonly kickToken?: boolean;
  /** One-shot: every access token is past its time (42001). */
  readonly expireToken?: boolean;
  /** Multiplies the notifier's retry clock: 0.001 turns 15 s into 15 ms. */
  readonly retryFactor?: number;
  /** Bills are there while their day is not over. */
  readonly billsAtOnce?: boolean;
  /** So long after a payment shipping info of it is refused by 10060001. */
  readonly shippingDelayMs?: number;
}

const remaining = integer(1);
const path = text({ max: 256, pattern: /^\// });
const somethingStrikes: Rule = (value, field) =>
  Object.keys(value as object).some(name => name !== 'path' && name !== 'remaining')
    ? undefined
    : { field, value, issue: 'names no fault' };

const planRule = shape(
  {},
  {
    api: all(shape({}, { path, errcode: integer(-1), timeout: flag, remaining }), somethingStrikes),
    pay: all(
      shape(
        {},
        {
          path,
          status: integer(400, 599),
          code: text({ max: 64 }),
          timeout: flag,
          replyLost: flag,
          signTest: flag,
          unsigned: flag,
          closeIgnored: flag,
          remaining,
        },
      ),
      somethingStrikes,
    ),
    notify: all(
      shape(
        {},
        {
          duplicate: flag,
          delayMs: integer(0, 3_600_000),
          signTest: flag,
          wrongSerial: flag,
          staleTimestamp: flag,
          lost: flag,
          outOfOrder: flag,
          tamperAmount: flag,
          keyMode: oneOf('certificate', 'public-key'),
          remaining,
        },
      ),
      somethingStrikes,
    ),
    kickToken: flag,
    expireToken: flag,
    retryFactor: factor,
    billsAtOnce: flag,
    shippingDelayMs: integer(0, 3_600_000),
  },
);

function factor(value: unknown, field: string): ReturnType<Rule> {
  if (typeof value === 'number' && value >= 0 && value <= 1) return undefined;
  return { field, value, issue: 'must be a number from 0 to 1' };
}

type Surface = 'api' | 'pay';
type FaultKind = Surface | 'notify';

/** The plan in force. A new plan replaces the old one whole; `{}` clears it. */
export class Faults {
  #plan: FaultPlan = {};
  readonly #struck: Record<FaultKind, number> = { api: 0, pay: 0, notify: 0 };
  readonly #routes: Record<Surface, readonly string[]> = { api: [], pay: [] };

  get retryFactor(): number | undefined {
    return this.#plan.retryFactor;
  }

  get billsAtOnce(): boolean {
    return this.#plan.billsAtOnce ?? false;
  }

  get shippingDelayMs(): number {
    return this.#plan.shippingDelayMs ?? 0;
  }

  /** Whoever asks for its faults says once what it serves. */
  serves(surface: Surface, routes: readonly { readonly path: string }[]): void {
    this.#routes[surface] = routes.map(route => route.path);
  }

  /** @throws InvalidInput, also for a path that would never strike: a test that waits for it proves nothing. */
  replace(input: unknown): FaultPlan {
    const plan = check<FaultPlan>(planRule, input);
    this.#assertStrikes('api', plan.api);
    this.#assertStrikes('pay', plan.pay);
    this.#plan = plan;
    Object.assign(this.#struck, { api: 0, pay: 0, notify: 0 });
    return this.#plan;
  }

  api(requestPath: string): ApiFault | undefined {
    return this.#strike('api', this.#plan.api, requestPath);
  }

  pay(requestPath: string): PayFault | undefined {
    return this.#strike('pay', this.#plan.pay, requestPath);
  }

  notify(): NotifyFault | undefined {
    return this.#strike('notify', this.#plan.notify);
  }

  #assertStrikes(surface: Surface, fault: { readonly path?: string } | undefined): void {
    const value = fault?.path;
    if (value === undefined || this.#routes[surface].some(route => startsPath(value, route))) return;
    throw new InvalidInput({ field: `/${surface}/path`, value, issue: 'is the start of no route' });
  }

  #strike<T extends Bounded & { readonly path?: string }>(
    kind: FaultKind,
    fault: T | undefined,
    requestPath = '',
  ): T | undefined {
    if (!fault || !requestPath.startsWith(fault.path ?? '')) return undefined;
    if (this.#struck[kind] >= (fault.remaining ?? Infinity)) return undefined;
    this.#struck[kind] += 1;
    return fault;
  }
}
