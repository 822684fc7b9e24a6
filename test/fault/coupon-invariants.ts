/** What must be true of the coupons of a run. */
import type { Ground } from './ground.ts';
import type { History } from './history.ts';

interface CouponRow {
  readonly id: string;
  readonly userId: string;
  readonly orderId: string | null;
  readonly orderStatus: string | null;
}

/** I8: as many as were counted, nobody has too many, and each is held by exactly the order that lives with it. */
export async function couponViolations(
  { database }: Ground,
  history: History,
  templateId: string,
): Promise<readonly string[]> {
  const { rows: coupons } = await database.query<CouponRow>(
    `select c.id, c.user_id as "userId", c.order_id as "orderId", o.status as "orderStatus"
     from coupons c left join orders o on o.id = c.order_id where c.template_id = $1`,
    [templateId],
  );
  const { rows } = await database.query<{ claimed: number; total: number; limit: number }>(
    'select claimed, total, per_user_limit as "limit" from coupon_templates where id = $1',
    [templateId],
  );
  const { claimed, total, limit } = rows[0]!;
  const found: string[] = [];
  if (claimed !== coupons.length || claimed > total)
    found.push(`I8 ${claimed} of ${total} coupons are counted as claimed, ${coupons.length} exist`);
  for (const [userId, own] of Map.groupBy(coupons, coupon => coupon.userId))
    if (own.length > limit) found.push(`I8 user ${userId} has ${own.length} coupons of ${limit}`);
  for (const { id, orderId, orderStatus } of coupons)
    if (orderId !== null && (orderStatus ?? 'cancelled') === 'cancelled')
      found.push(`I8 coupon ${id} is held by order ${orderId}, which is ${orderStatus ?? 'gone'}`);
  return [...found, ...claimViolations(history, coupons), ...(await holderViolations(database, coupons))];
}

function claimViolations(history: History, coupons: readonly CouponRow[]): readonly string[] {
  const existing = new Set(coupons.map(({ id }) => id));
  const keys = history.keys('claim');
  const lost = history.confirmed('claim').filter(({ id }) => !existing.has(id));
  return [
    ...lost.map(({ id }) => `I2 coupon ${id} was confirmed and is gone`),
    ...(coupons.length > keys.size ? [`I3 ${coupons.length} coupons for ${keys.size} keys`] : []),
  ];
}

/** An order that lives and was discounted by a coupon holds it, alone. */
async function holderViolations(
  database: Ground['database'],
  coupons: readonly CouponRow[],
): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string; couponId: string }>(
    `select id, coupon_id as "couponId" from orders where coupon_id = any($1) and status <> 'cancelled'`,
    [coupons.map(({ id }) => id)],
  );
  const holders = new Map(coupons.map(({ id, orderId }) => [id, orderId]));
  return rows
    .filter(({ id, couponId }) => holders.get(couponId) !== id)
    .map(({ id, couponId }) => `I8 order ${id} lives without its coupon ${couponId}`);
}
