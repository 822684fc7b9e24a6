/** One seeded run: customers and merchant at work, faults among them, then quiet: does everything add up? */
import { setTimeout as pause } from 'node:timers/promises';
import { offerCoupon } from '../support/coupons.ts';
import { stockGoods } from '../support/goods.ts';
import { Customer, type Offer } from './customer.ts';
import { chooseFaults, healAll, isClosedInName, type Fault } from './faults.ts';
import type { Ground } from './ground.ts';
import { History } from './history.ts';
import { violations } from './invariants.ts';
import { Merchant } from './merchant.ts';
import { becomesQuiet } from './quiet.ts';
import { Random } from './random.ts';
import { ordersOf, type RunOrder } from './run-orders.ts';

export interface RunResult {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly history: History;
  readonly orders: readonly RunOrder[];
  readonly violations: readonly string[];
}

const customers = 5;
const rounds = 2;
const stock = 8;

export async function run(ground: Ground, seed: number): Promise<RunResult> {
  const random = new Random(seed);
  const chosen = chooseFaults(random);
  const isClosingInName = isClosedInName(chosen);
  const offer = await makeOffer(ground);
  const history = new History();
  const merchant = new Merchant(ground, offer.skuIds, new Random(seed * 1_000 + 999));
  const stop = new AbortController();
  const working = merchant.work(stop.signal);
  await play(ground, { seed, offer, history, chosen, random });
  const quiet = await becomesQuiet(ground, offer.skuIds, isClosingInName);
  stop.abort();
  await working;
  const { decisions } = merchant;
  return {
    seed,
    faults: chosen.map(({ name }) => name),
    history,
    orders: await ordersOf(ground, offer.skuIds),
    violations: [
      ...(quiet ? [] : ['I6 it did not come to rest']),
      ...(await violations(ground, history, { ...offer, stock, decisions, isClosingInName })),
      ...ground.shop.complaints().map(line => `I7 ${line.slice(0, 300)}`),
    ],
  };
}

interface Play {
  readonly seed: number;
  readonly offer: Offer;
  readonly history: History;
  readonly chosen: readonly Fault[];
  readonly random: Random;
}

async function play(ground: Ground, { seed, offer, history, chosen, random }: Play): Promise<void> {
  const place = { shopUrl: ground.shop.url, sandboxUrl: ground.sandboxUrl, history };
  const shopping = Array.from({ length: customers }, (_, number) =>
    new Customer(number, place, offer, new Random(seed * 1_000 + number)).run(rounds),
  );
  for (const fault of chosen) {
    await pause(random.between(20, 400));
    await fault.inject(ground);
  }
  await Promise.all(shopping);
  await healAll(ground);
}

async function makeOffer({ database }: Ground): Promise<Offer> {
  const goods = await Promise.all([1, 2].map(() => stockGoods(database, { onHand: stock })));
  const templateId = await offerCoupon(database, { amountFen: 333, total: 6, perUserLimit: 2 });
  return { skuIds: goods.map(({ skuId }) => skuId), templateId };
}
