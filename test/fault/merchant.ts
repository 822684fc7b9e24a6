/** The merchant of a run, who ships and decides about refunds, and the bank, which does not always take money back. */
import { setTimeout as pause } from 'node:timers/promises';
import { call } from '../support/http.ts';
import type { Ground } from './ground.ts';
import type { Random } from './random.ts';

interface Decision {
  readonly approved: boolean;
  readonly restock: boolean;
}

export class Merchant {
  /** What was decided about each request, whether or not the answer came. */
  readonly decisions = new Map<string, Decision>();
  readonly #ground: Ground;
  readonly #skuIds: readonly string[];
  readonly #random: Random;
  readonly #willShip = new Map<string, boolean>();
  readonly #banked = new Set<string>();

  constructor(ground: Ground, skuIds: readonly string[], random: Random) {
    this.#ground = ground;
    this.#skuIds = skuIds;
    this.#random = random;
  }

  /** Goes on until told to stop; what cannot be done now is done in a later round. */
  async work(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.#each(paidOrders, id => this.#ship(id));
      await this.#each(openRequests, id => this.#decide(id));
      await this.#each(refundsUnderWay, refundNo => this.#bank(refundNo));
      await pause(60);
    }
  }

  /** Some orders are sent off, others wait for as long as a run lasts. */
  async #ship(orderId: string): Promise<void> {
    const ships = this.#willShip.get(orderId) ?? this.#random.chance(0.2);
    this.#willShip.set(orderId, ships);
    if (ships) await this.#ground.desk.ship(orderId);
  }

  async #decide(requestId: string): Promise<void> {
    const decision = this.decisions.get(requestId) ?? {
      approved: this.#random.chance(0.8),
      restock: this.#random.chance(0.5),
    };
    this.decisions.set(requestId, decision);
    if (decision.approved) await this.#ground.desk.approve(requestId, decision);
    else await this.#ground.desk.refuse(requestId, '已超过退货期限');
  }

  /** One in four is not paid out at first: closed, or stuck until a person at WeChat has settled it. */
  async #bank(refundNo: string): Promise<void> {
    const outcome = this.#banked.has(refundNo)
      ? 'success'
      : this.#random.pick([
          'success',
          'success',
          'success',
          'success',
          'success',
          'success',
          'abnormal',
          'closed',
        ]);
    this.#banked.add(refundNo);
    await call('POST', `${this.#ground.sandboxUrl}/__sandbox/refunds`, {
      body: { outRefundNo: refundNo, outcome },
    });
  }

  /** Whatever fails leaves its row as it was, and is found again in the next round. */
  async #each(sql: string, act: (id: string) => Promise<unknown>): Promise<void> {
    const found = this.#ground.database.query<{ id: string }>(sql, [this.#skuIds]);
    const { rows } = await found.catch(() => ({ rows: [] }));
    for (const { id } of rows) await act(id).catch(() => undefined);
  }
}

const ofTheRun = 'exists (select 1 from order_items i where i.order_id = o.id and i.sku_id = any($1))';

const paidOrders = `select o.id from orders o where o.status = 'paid' and ${ofTheRun} order by o.id`;

const openRequests = `
  select r.id from refund_requests r join orders o on o.id = r.order_id
  where r.status in ('requested', 'failed') and ${ofTheRun} order by r.id`;

/** Of requests only: nobody approves money again that came too late. */
const refundsUnderWay = `
  select r.refund_no as id from refunds r join orders o on o.number = r.reference
  where r.status in ('processing', 'abnormal') and r.refund_no not like '%-late' and ${ofTheRun} order by r.id`;
