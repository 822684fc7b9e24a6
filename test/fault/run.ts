/** One seeded run: shoppers at work, faults among them, then quiet, then the question whether everything adds up. */
import { setTimeout as pause } from 'node:timers/promises';
import { stockGoods } from '../support/goods.ts';
import { Client } from './client.ts';
import { chooseFaults, healAll } from './faults.ts';
import type { Ground } from './ground.ts';
import { History } from './history.ts';
import { ordersOf, violations } from './invariants.ts';
import { Random } from './random.ts';

export interface RunResult {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly history: History;
  readonly orders: number;
  readonly paid: number;
  readonly violations: readonly string[];
}

const clients = 5;
const rounds = 2;
const stock = 8;
/** Far longer than anything takes to recover; a run that needs it has lost something. */
const quietWithinMs = 45_000;

export async function run(ground: Ground, seed: number): Promise<RunResult> {
  const random = new Random(seed);
  const chosen = chooseFaults(random);
  const goods = await Promise.all([1, 2].map(() => stockGoods(ground.database, { onHand: stock })));
  const skuIds = goods.map(({ skuId }) => skuId);
  const history = new History();
  const place = { shopUrl: ground.shop.url, sandboxUrl: ground.sandboxUrl, goods: { skuIds }, history };
  const shoppers = Array.from({ length: clients }, (_, number) =>
    new Client(number, place, new Random(seed * 1_000 + number)).run(rounds),
  );
  for (const fault of chosen) {
    await pause(random.between(20, 250));
    await fault.inject(ground);
  }
  await Promise.all(shoppers);
  await healAll(ground);
  const quiet = await isQuiet(ground, skuIds);
  const orders = await ordersOf(ground, skuIds);
  return {
    seed,
    faults: chosen.map(({ name }) => name),
    history,
    orders: orders.length,
    paid: orders.filter(({ status }) => status === 'paid').length,
    violations: [
      ...(quiet ? [] : ['I6 it did not come to rest']),
      ...(await violations(ground, history, { skuIds, stock })),
      ...ground.shop.complaints().map(line => `I7 ${line.slice(0, 300)}`),
    ],
  };
}

/** Every order has ended and every event has taken effect. */
async function isQuiet(ground: Ground, skuIds: readonly string[]): Promise<boolean> {
  const deadline = performance.now() + quietWithinMs;
  while (performance.now() < deadline) {
    const orders = await ordersOf(ground, skuIds).catch(() => null);
    const isOpen = orders?.some(({ status }) => status === 'awaiting_payment') ?? true;
    if (!isOpen && (await dueDeliveries(ground)) === 0) return true;
    await pause(50);
  }
  return false;
}

async function dueDeliveries({ database }: Ground): Promise<number> {
  const sql = 'select count(*)::int as count from outbox where due_at <= now()';
  return (await database.query<{ count: number }>(sql)).rows[0]!.count;
}
