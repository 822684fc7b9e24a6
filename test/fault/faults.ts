/** Everything that can be done to the shop in a run, by name. */
import { setTimeout as pause } from 'node:timers/promises';
import { call } from '../support/http.ts';
import type { Ground } from './ground.ts';
import type { Random } from './random.ts';
import type { Moment, Wire } from './wire.ts';

export interface Fault {
  readonly name: string;
  inject(ground: Ground): Promise<void>;
}

interface CrashPoint {
  readonly name: string;
  readonly wire: (ground: Ground) => Wire;
  /** What passes on the wire up to the point, in order, on one connection. */
  readonly texts: readonly string[];
}

const postgres = ({ postgres: { wire } }: Ground): Wire => wire;
const redis = ({ redis: { wire } }: Ground): Wire => wire;
const pay = ({ pay: wire }: Ground): Wire => wire;
const refundPath = '/v3/refund/domestic/refunds';

/** Places on the money's way, told by what passes there: production code need not know that it is being watched. */
const crashPoints: readonly CrashPoint[] = [
  { name: 'order-claims-its-key', wire: postgres, texts: ['insert into idempotency_keys'] },
  { name: 'order-is-written', wire: postgres, texts: ['insert into orders'] },
  { name: 'order-enters-the-outbox', wire: postgres, texts: ['insert into outbox'] },
  { name: 'order-reserves-stock', wire: postgres, texts: ['insert into stock_reservations'] },
  { name: 'order-opens-its-payment', wire: postgres, texts: ['insert into payments'] },
  { name: 'order-commits', wire: postgres, texts: ['insert into orders', 'COMMIT'] },
  { name: 'prepay', wire: pay, texts: ['POST /v3/pay/transactions/jsapi'] },
  { name: 'prepay-is-kept', wire: postgres, texts: ['set prepay_id ='] },
  { name: 'capture-is-written', wire: postgres, texts: [`set status = 'captured'`] },
  { name: 'capture-commits', wire: postgres, texts: [`set status = 'captured'`, 'COMMIT'] },
  { name: 'relay-leases', wire: postgres, texts: ['for update skip locked'] },
  { name: 'relay-adds-a-job', wire: redis, texts: ['order.apply-payment'] },
  { name: 'job-notes-its-event', wire: postgres, texts: ['insert into inbox'] },
  { name: 'job-commits', wire: postgres, texts: ['insert into inbox', 'COMMIT'] },
  { name: 'job-is-acknowledged', wire: postgres, texts: ['delete from outbox'] },
  { name: 'close-at-wechat', wire: pay, texts: ['/close'] },
  { name: 'cancel-commits', wire: postgres, texts: ['cancel_reason', 'COMMIT'] },
];

/** Places on the way of coupons and of money that goes back. */
const laterPoints: readonly CrashPoint[] = [
  { name: 'claim-is-counted', wire: postgres, texts: ['update coupon_templates'] },
  { name: 'claim-commits', wire: postgres, texts: ['insert into coupons', 'COMMIT'] },
  { name: 'coupon-is-taken', wire: postgres, texts: ['update coupons set order_id = $3'] },
  { name: 'coupon-is-freed', wire: postgres, texts: ['update coupons set order_id = null'] },
  { name: 'refund-is-wanted', wire: postgres, texts: ['insert into refund_requests', 'COMMIT'] },
  { name: 'refund-is-approved', wire: postgres, texts: [`set status = 'approved'`] },
  { name: 'refund-takes-stock-back', wire: postgres, texts: [`'return'`] },
  { name: 'refund-commits', wire: postgres, texts: ['insert into refunds', 'COMMIT'] },
  { name: 'late-money-turns-back', wire: postgres, texts: ['-late', 'COMMIT'] },
  { name: 'relay-adds-a-refund', wire: redis, texts: ['payment.send-refund'] },
  { name: 'refund-is-sent', wire: pay, texts: [`POST ${refundPath}`] },
  { name: 'refund-is-asked-about', wire: pay, texts: [`GET ${refundPath}`] },
  { name: 'refund-is-recorded', wire: postgres, texts: ['update refunds set status', 'COMMIT'] },
  { name: 'relay-adds-its-end', wire: redis, texts: ['order.apply-refund'] },
  {
    name: 'refund-ends',
    wire: postgres,
    texts: ['update refund_requests set status = $2, settled_at', 'COMMIT'],
  },
  { name: 'order-is-refunded', wire: postgres, texts: ['refunded_at = $4'] },
  { name: 'order-goes-on', wire: postgres, texts: ['set status = refunding_from', 'COMMIT'] },
];

/** Three faults a point; in the last one the shop lives on, and does not know whether it was done. */
function faultsAt(point: CrashPoint): readonly Fault[] {
  const kill = (moment: Moment): Fault => ({
    name: `kill ${moment} ${point.name}`,
    inject: async ground => arm(ground, point, moment, () => ground.shop.signal('SIGKILL')),
  });
  const cut: Fault = {
    name: `cut the answer of ${point.name}`,
    inject: async ground => arm(ground, point, 'after', () => undefined),
  };
  return [kill('before'), kill('after'), cut];
}

const onTheWay = crashPoints.flatMap(faultsAt);
const onTheWayBack = laterPoints.flatMap(faultsAt);

function arm(ground: Ground, { wire, texts }: CrashPoint, moment: Moment, spring: () => void): void {
  wire(ground).arm({ texts, moment, spring });
}

const processes: readonly Fault[] = [
  { name: 'kill the shop', inject: async ({ shop }) => shop.signal('SIGKILL') },
  { name: 'restart the shop', inject: async ({ shop }) => shop.signal('SIGTERM') },
  {
    name: 'stop the shop for a while',
    async inject({ shop }) {
      shop.signal('SIGSTOP');
      await pause(1_200);
      shop.signal('SIGCONT');
    },
  },
  { name: 'kill PostgreSQL', inject: ({ postgres: store }) => store.killAndRestart() },
  { name: 'kill Redis', inject: ({ redis: store }) => store.killAndRestart() },
  { name: 'flush Redis', inject: ground => ground.flushRedis() },
  {
    name: 'stop Redis for a while',
    async inject({ redis: { pid } }) {
      process.kill(pid, 'SIGSTOP');
      await pause(1_200);
      process.kill(pid, 'SIGCONT');
    },
  },
  {
    name: 'end all sessions of PostgreSQL',
    async inject({ database }) {
      const sql = `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'minnow%'`;
      await database.query(sql).catch(() => undefined);
    },
  },
];

const network: readonly Fault[] = (['postgres', 'redis', 'pay'] as const).flatMap(name => {
  const wireOf = { postgres, redis, pay }[name];
  return [
    { name: `cut ${name}`, inject: async (ground: Ground) => wireOf(ground).cut() },
    { name: `freeze ${name}`, inject: async (ground: Ground) => wireOf(ground).freeze(1_200) },
    { name: `slow ${name}`, inject: async (ground: Ground) => wireOf(ground).delay(15) },
  ];
});

/** Then money comes for cancelled orders: the only way to see what becomes of it. */
const closedInName = 'WeChat Pay closes in name only';

const plans: Readonly<Record<string, object>> = {
  'WeChat Pay answers 500': { pay: { status: 500, code: 'SYSTEM_ERROR', remaining: 4 } },
  'WeChat Pay does not answer': { pay: { timeout: true, remaining: 3 } },
  'WeChat Pay does it and the reply is lost': { pay: { replyLost: true, remaining: 3 } },
  'WeChat Pay answers unsigned': { pay: { unsigned: true, remaining: 3 } },
  'refunds are answered 500': { pay: { path: refundPath, status: 500, code: 'SYSTEM_ERROR', remaining: 4 } },
  'refunds are not answered': { pay: { path: refundPath, timeout: true, remaining: 3 } },
  'refunds are made and the reply is lost': { pay: { path: refundPath, replyLost: true, remaining: 3 } },
  'refunds are answered unsigned': { pay: { path: refundPath, unsigned: true, remaining: 3 } },
  'refunds find no money': { pay: { path: refundPath, status: 403, code: 'NOT_ENOUGH', remaining: 4 } },
  [closedInName]: { pay: { closeIgnored: true } },
  'notices come twice': { notify: { duplicate: true } },
  'notices are late': { notify: { delayMs: 800 } },
  'notices are lost': { notify: { lost: true } },
  'notices come out of order': { notify: { outOfOrder: true } },
  'notices are forged first': { notify: { tamperAmount: true, remaining: 3 } },
  'notices are probes first': { notify: { signTest: true, remaining: 3 } },
  'access tokens are kicked': { kickToken: true },
};

const wechat: readonly Fault[] = Object.entries(plans).map(([name, plan]) => ({
  name,
  inject: ground => setPlan(ground, plan),
}));

async function setPlan({ sandboxUrl }: Ground, plan: object): Promise<void> {
  await call('POST', `${sandboxUrl}/__sandbox/faults`, { body: { retryFactor: 0.02, ...plan } });
}

/** One to three faults of a run; the money's own crash points come most often. */
export function chooseFaults(random: Random): readonly Fault[] {
  const groups = [onTheWay, onTheWayBack, [...processes, ...network, ...wechat]];
  return Array.from({ length: random.between(1, 3) }, () => random.pick(random.pick(groups)));
}

/** In such a run WeChat's word that nobody can pay any more is worth nothing. */
export function isClosedInName(chosen: readonly Fault[]): boolean {
  return chosen.some(({ name }) => name === closedInName);
}

/** Every wire passes everything again and WeChat behaves; what was killed comes back by itself. */
export async function healAll(ground: Ground): Promise<void> {
  for (const wireOf of [postgres, redis, pay]) wireOf(ground).heal();
  ground.shop.signal('SIGCONT');
  await setPlan(ground, {});
}
