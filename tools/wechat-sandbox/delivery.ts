import { chinaTime, SECOND_MS } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Message, Notice } from './notice.ts';

/** How long any of WeChat’s servers waits for a shop. */
export const ANSWER_WITHIN_MS = 5 * SECOND_MS;
const LOGGED = 1000;

/** The HTTP status, or in a word why there was none. */
export type DeliveryStatus = number | 'timeout' | 'unreachable' | 'held' | 'lost';

export interface Delivery {
  readonly id: string;
  readonly outTradeNo: string;
  /** Of a refund's notice. */
  readonly outRefundNo?: string;
  /** From 1; a probe and a duplicate share the number of the delivery they belong to. */
  readonly attempt: number;
  readonly status: DeliveryStatus;
  readonly probe?: true;
  readonly at: string;
}

export class DeliveryLog {
  readonly #entries: Delivery[] = [];
  readonly #now: Clock;

  constructor(now: Clock) {
    this.#now = now;
  }

  add({ id, outTradeNo, refund, attempts }: Notice, status: DeliveryStatus, kind?: 'probe'): void {
    const at = chinaTime(this.#now());
    const about = refund ? { outTradeNo, outRefundNo: refund.outRefundNo } : { outTradeNo };
    const entry = { id, ...about, attempt: attempts + 1, status, at };
    this.#entries.push(kind ? { ...entry, probe: true } : entry);
    if (this.#entries.length > LOGGED) this.#entries.shift();
  }

  list(): readonly Delivery[] {
    return this.#entries;
  }
}

/** Never fails; the status line decides, redirects are not followed, the body is not read. */
export async function post(url: string, message: Message, stopping: AbortSignal): Promise<DeliveryStatus> {
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    const signal = AbortSignal.any([late, stopping]);
    const response = await fetch(url, { method: 'POST', redirect: 'manual', signal, ...message });
    await response.body?.cancel();
    return response.status;
  } catch {
    return late.aborted ? 'timeout' : 'unreachable';
  }
}

export function isAck(status: DeliveryStatus): boolean {
  return status === 200 || status === 204;
}
