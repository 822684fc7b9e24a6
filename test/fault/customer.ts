/** One customer of a run: claims coupons, orders, pays, cancels, wants the money back, walks away. */
import { setTimeout as pause } from 'node:timers/promises';
import { Client, type ClientPlace } from './client.ts';
import type { Random } from './random.ts';

export interface Offer {
  readonly skuIds: readonly string[];
  /** Of a coupon that two of can be had. */
  readonly templateId: string;
}

/** What a customer means to do, drawn before it begins, so that no answer changes what comes after it. */
interface Plan {
  readonly skuId: string;
  readonly quantity: number;
  readonly withCoupon: boolean;
  /** Two orders at once, with the same coupon. */
  readonly doubled: boolean;
  readonly fate: 'pay' | 'cancel' | 'walk away';
  readonly outcome: 'paid' | 'lost-callback';
  /** Cancels what is being paid, or pays what has been cancelled. */
  readonly regret: 'none' | 'while paying' | 'before paying';
  readonly refund: 'none' | 'part' | 'all';
}

export class Customer {
  readonly #client: Client;
  readonly #random: Random;
  readonly #offer: Offer;
  readonly #coupons: string[] = [];

  constructor(number: number, place: ClientPlace, offer: Offer, random: Random) {
    this.#client = new Client(number, place, random);
    this.#offer = offer;
    this.#random = random;
  }

  async run(rounds: number): Promise<void> {
    const claims = this.#random.between(0, 3);
    await this.#client.logIn();
    const addressId = await this.#client.addAddress();
    if (addressId === undefined) return;
    await Promise.all(Array.from({ length: claims }, () => this.#claim()));
    for (let round = 0; round < rounds; round++) await this.#shop(addressId, this.#draw());
  }

  async #claim(): Promise<void> {
    const id = await this.#client.create('claim', `/coupons/${this.#offer.templateId}/claim`);
    if (id !== undefined) this.#coupons.push(id);
  }

  #draw(): Plan {
    return {
      skuId: this.#random.pick(this.#offer.skuIds),
      quantity: this.#random.between(1, 2),
      withCoupon: this.#random.chance(0.6),
      doubled: this.#random.chance(0.15),
      fate: this.#random.pick(['pay', 'pay', 'pay', 'pay', 'cancel', 'walk away']),
      outcome: this.#random.pick(['paid', 'paid', 'lost-callback']),
      regret: this.#random.pick(['none', 'none', 'none', 'while paying', 'before paying']),
      refund: this.#random.pick(['none', 'part', 'all', 'all']),
    };
  }

  async #shop(addressId: string, plan: Plan): Promise<void> {
    const { skuId, quantity, withCoupon, doubled } = plan;
    const couponId = withCoupon ? this.#coupons[0] : undefined;
    const body = { items: [{ skuId, quantity }], addressId, couponId };
    const place = () => this.#client.create('order', '/orders', body);
    const placed = await Promise.all(doubled ? [place(), place()] : [place()]);
    await Promise.all(placed.map(id => (id === undefined ? undefined : this.#settle(id, plan))));
  }

  async #settle(id: string, plan: Plan): Promise<void> {
    if (plan.fate === 'cancel') await this.#cancel(id);
    if (plan.fate !== 'pay' || !(await this.#pay(id, plan))) return;
    if (plan.refund !== 'none' && (await this.#isPaid(id))) await this.#wantBack(id, plan);
  }

  async #cancel(id: string): Promise<void> {
    await this.#client.insist({ name: 'cancel', method: 'POST', path: `/orders/${id}/cancel` });
  }

  async #pay(id: string, { outcome, regret }: Plan): Promise<boolean> {
    const asked = { name: 'pay', method: 'POST', path: `/orders/${id}/payment` };
    const params = await this.#client.insist(asked);
    if (params?.verdict !== 'ok') return false;
    const sheet = { ...(JSON.parse(params.text) as object), outcome };
    if (regret === 'before paying') await this.#cancel(id);
    const paying = this.#client.phone('payments', sheet);
    await Promise.all([paying, regret === 'while paying' ? this.#cancel(id) : undefined]);
    return true;
  }

  /** Looks a few times; who is not told soon gives up. */
  async #isPaid(id: string): Promise<boolean> {
    for (let look = 0; look < 8; look++) {
      const { text } = await this.#client.ask({ name: 'look', method: 'GET', path: `/orders/${id}` });
      if (text.includes('"status":"paid"')) return true;
      await pause(150);
    }
    return false;
  }

  async #wantBack(id: string, { skuId, refund }: Plan): Promise<void> {
    const items = refund === 'part' ? [{ skuId, quantity: 1 }] : undefined;
    await this.#client.create('refund', `/orders/${id}/refunds`, { reason: '不想要了', items });
  }
}
