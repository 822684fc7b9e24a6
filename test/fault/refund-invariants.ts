/** What must be true of the money that goes back. */
import { call } from '../support/http.ts';
import type { Trade } from '../support/trades.ts';
import type { Ground } from './ground.ts';
import type { RunOrder } from './run-orders.ts';

interface RefundRow {
  readonly refundNo: string;
  readonly status: string;
  readonly amountFen: number;
}

interface RequestRow {
  readonly id: string;
  readonly status: string;
  readonly refundNo: string | null;
  readonly amountFen: number;
  readonly isWhole: boolean;
}

interface AtWechat {
  readonly out_refund_no: string;
  readonly status: string;
  readonly amount: { readonly refund: number };
}

/** I9: WeChat's books are ours; the order says what its refunds say; what should go back has gone back, once. */
export async function refundViolations(
  ground: Ground,
  order: RunOrder,
  trade: Trade | undefined,
): Promise<readonly string[]> {
  const [refunds, requests] = await Promise.all([refundsOf(ground, order), requestsOf(ground, order)]);
  const booked = await booksOf(ground, order, refunds);
  const ours = refunds.map(({ refundNo, status, amountFen }) => `${refundNo} ${status} ${amountFen}`);
  const back = sumOf(refunds.filter(({ status }) => status === 'succeeded'));
  const promises: readonly (readonly [boolean, string])[] = [
    [ours.join() === booked.join(), `WeChat has refunds [${booked.join()}], the shop [${ours.join()}]`],
    [back <= order.totalFen, `${back} fen of ${order.totalFen} went back`],
    [back === owed(order, requests, trade), `${back} fen went back, ${owed(order, requests, trade)} should`],
    [requests.every(isEnded), `a request is not ended: ${JSON.stringify(requests)}`],
    [isWhole(requests) === (order.status === 'refunded'), 'its state and its requests disagree'],
    [
      answersRequests(refunds, requests),
      `refunds and requests disagree: ${JSON.stringify({ refunds, requests })}`,
    ],
  ];
  return promises
    .filter(([kept]) => !kept)
    .map(([, broken]) => `I9 order ${order.id} (${order.status}): ${broken}`);
}

/** All that came for a cancelled order; else what was agreed on, which for a whole order is what was paid for it. */
function owed(
  { status, totalFen, freightFen, shippedAt }: RunOrder,
  requests: readonly RequestRow[],
  trade: Trade | undefined,
): number {
  const isPaid = trade?.trade_state === 'SUCCESS' || trade?.trade_state === 'REFUND';
  if (status === 'cancelled') return isPaid ? totalFen : 0;
  if (status === 'refunded') return shippedAt ? totalFen - freightFen : totalFen;
  return sumOf(requests.filter(request => request.status === 'succeeded'));
}

function isEnded({ status }: RequestRow): boolean {
  return status === 'succeeded' || status === 'refused';
}

function isWhole(requests: readonly RequestRow[]): boolean {
  return requests.some(request => request.isWhole && request.status === 'succeeded');
}

/** Of all a request's numbers the last one is paid out; the others WeChat has closed. */
function answersRequests(refunds: readonly RefundRow[], requests: readonly RequestRow[]): boolean {
  const asked = new Set(
    requests.filter(({ status }) => status === 'succeeded').map(({ refundNo }) => refundNo),
  );
  return refunds
    .filter(({ refundNo }) => !refundNo.endsWith('-late'))
    .every(({ refundNo, status }) => status === (asked.has(refundNo) ? 'succeeded' : 'closed'));
}

function sumOf(amounts: readonly { readonly amountFen: number }[]): number {
  return amounts.reduce((sum, { amountFen }) => sum + amountFen, 0);
}

async function refundsOf({ database }: Ground, { number }: RunOrder): Promise<readonly RefundRow[]> {
  const { rows } = await database.query<RefundRow>(
    `select refund_no as "refundNo", status, amount_fen as "amountFen" from refunds
     where reference = $1 order by refund_no`,
    [number],
  );
  return rows;
}

async function requestsOf({ database }: Ground, { id }: RunOrder): Promise<readonly RequestRow[]> {
  const { rows } = await database.query<RequestRow>(
    `select id, status, refund_no as "refundNo", amount_fen as "amountFen", is_whole as "isWhole"
     from refund_requests where order_id = $1 order by id`,
    [id],
  );
  return rows;
}

const words: Readonly<Record<string, string>> = { SUCCESS: 'succeeded', CLOSED: 'closed' };

/** Every number the shop could have given out, and the two after it. */
async function booksOf(
  { sandboxUrl }: Ground,
  { number }: RunOrder,
  refunds: readonly RefundRow[],
): Promise<readonly string[]> {
  const counted = Array.from({ length: refunds.length + 2 }, (_, index) => `${number}-${index + 1}`);
  const asked = [...counted, `${number}-late`].map(no =>
    call<AtWechat>('GET', `${sandboxUrl}/__sandbox/refunds/${no}`),
  );
  return (await Promise.all(asked))
    .filter(({ status }) => status === 200)
    .map(({ body }) => `${body.out_refund_no} ${words[body.status] ?? body.status} ${body.amount.refund}`)
    .sort();
}
