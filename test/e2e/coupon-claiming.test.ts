import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { claim, expireCoupon, offerCoupon, type CouponBody } from '../support/coupons.ts';
import { lockRow, waitingForLocks } from '../support/row-lock.ts';
import { Shopper } from '../support/shopper.ts';
import { until } from '../support/until.ts';

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

interface Offer {
  readonly id: string;
  readonly claimed: number;
  readonly remaining: number;
}

describe('claiming a coupon', () => {
  let shop: TestApp;
  let shopper: Shopper;
  beforeAll(async () => {
    shop = await startApp();
    shopper = await Shopper.login(shop);
  });
  afterAll(() => shop.stop());

  async function countsOf(templateId: string): Promise<{ claimed: number; coupons: number }> {
    const { rows } = await shop.database.query<{ claimed: number; coupons: number }>(
      `select claimed, (select count(*)::int from coupons where template_id = t.id) as coupons
       from coupon_templates t where id = $1`,
      [templateId],
    );
    return rows[0]!;
  }

  const offers = async (by: Shopper, query = '') =>
    (await by.get<Page<Offer>>(`/coupons?limit=50${query}`)).body;
  const mine = async (by: Shopper, query = '') =>
    (await by.get<Page<CouponBody>>(`/me/coupons?limit=50${query}`)).body;
  const ids = ({ items }: Page<{ readonly id: string }>) => items.map(({ id }) => id);

  it('gives the only coupon to exactly one of 64 shoppers at once', async () => {
    const shoppers = await Promise.all(Array.from({ length: 64 }, () => Shopper.login(shop)));
    const templateId = await offerCoupon(shop.database, { total: 1 });
    const answers = await Promise.all(shoppers.map(each => claim(each, templateId)));
    const losers = answers.filter(({ status }) => status !== 201);
    expect(losers).toHaveLength(63);
    expect(new Set(losers.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
      new Set(['409 coupon.sold_out']),
    );
    expect(await countsOf(templateId)).toEqual({ claimed: 1, coupons: 1 });
  });

  it('gives a shopper who taps many times at once no more than a shopper may have', async () => {
    const templateId = await offerCoupon(shop.database, { perUserLimit: 3 });
    // All have looked before the first one claims.
    const lock = await lockRow(shop.database, 'coupon_templates', templateId);
    const taps = Array.from({ length: 8 }, () => claim(shopper, templateId));
    await until('all taps wait', async () => (await waitingForLocks(shop.database)) === taps.length);
    await lock.release();
    const answers = await Promise.all(taps);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(5);
    for (const { status, body } of refused)
      expect([status, body]).toEqual([
        409,
        expect.objectContaining({ code: 'coupon.limit_reached', perUserLimit: 3 }),
      ]);
    expect(await countsOf(templateId)).toEqual({ claimed: 3, coupons: 3 });
  });

  it('gives one coupon for fifty taps with one key, and answers all of them with the same bytes', async () => {
    const templateId = await offerCoupon(shop.database, { perUserLimit: 50 });
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => claim(shopper, templateId, key)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(201);
    const replays = answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true');
    expect(replays).toHaveLength(49);
    expect(await countsOf(templateId)).toEqual({ claimed: 1, coupons: 1 });
  });

  it('gives a retry its coupon although it was the last one, and the last this shopper may have', async () => {
    const templateId = await offerCoupon(shop.database, { total: 1 });
    const key = randomUUID();
    const first = await claim(shopper, templateId, key);
    const again = await claim(shopper, templateId, key);
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text]);
    const other = await claim(shopper, await offerCoupon(shop.database), key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.key_reused']);
  });

  it('leaves the key free after a refusal', async () => {
    const templateId = await offerCoupon(shop.database, { claimDays: [1, 2] });
    const key = randomUUID();
    expect((await claim(shopper, templateId, key)).status).toBe(409);
    await shop.database.query('update coupon_templates set claim_from = now() where id = $1', [templateId]);
    expect((await claim(shopper, templateId, key)).status).toBe(201);
  });

  it.each([
    ['before its time', { claimDays: [1, 2] }, { code: 'coupon.not_claimable', reason: 'not_yet' }],
    ['after its time', { claimDays: [-2, -1] }, { code: 'coupon.not_claimable', reason: 'over' }],
  ] as const)('gives nothing %s', async (_, options, refusal) => {
    const templateId = await offerCoupon(shop.database, options);
    const { status, body } = await claim(shopper, templateId);
    expect([status, body]).toEqual([409, expect.objectContaining(refusal)]);
    expect(await countsOf(templateId)).toEqual({ claimed: 0, coupons: 0 });
  });

  it.each(['c1', randomUUID(), "' or 1=1"])('knows no coupon %j', async id => {
    const answer = await claim(shopper, encodeURIComponent(id));
    expect([answer.status, answer.body.code]).toEqual([404, 'coupon.template_not_found']);
  });

  it('offers what can be claimed now, and tells each shopper how many are theirs', async () => {
    const [open, early, late, ended, gone] = [
      await offerCoupon(shop.database, { total: 9, perUserLimit: 2, percentOff: 15, capFen: 2_000 }),
      await offerCoupon(shop.database, { claimDays: [1, 2] }),
      await offerCoupon(shop.database, { claimDays: [-2, -1] }),
      await offerCoupon(shop.database),
      await offerCoupon(shop.database, { total: 1 }),
    ];
    await shop.database.query('update coupon_templates set ended_at = now() where id = $1', [ended]);
    const other = await Shopper.login(shop);
    for (const templateId of [open, gone]) await claim(other, templateId);
    const seen = await offers(shopper);
    expect(ids(seen).filter(id => [open, early, late, ended, gone].includes(id))).toEqual([open]);
    const offer = seen.items.find(({ id }) => id === open);
    expect(offer).toMatchObject({
      percentOff: 15,
      capFen: 2_000,
      minimumFen: 0,
      validDays: 7,
      perUserLimit: 2,
    });
    expect(offer).toMatchObject({ claimed: 0, remaining: 8 });
    expect((await offers(other)).items.find(({ id }) => id === open)).toMatchObject({
      claimed: 1,
      remaining: 8,
    });
  });

  it('lists a shopper’s own coupons by what can be done with them', async () => {
    const collector = await Shopper.login(shop);
    const [first, second] = [await offerCoupon(shop.database), await offerCoupon(shop.database)];
    const expired = (await claim(collector, first)).body.id;
    const available = (await claim(collector, second)).body.id;
    await expireCoupon(shop.database, expired);
    expect(ids(await mine(collector))).toEqual([available, expired]);
    expect(ids(await mine(collector, '&status=available'))).toEqual([available]);
    expect((await mine(collector, '&status=expired')).items).toMatchObject([
      { id: expired, status: 'expired' },
    ]);
    expect(ids(await mine(collector, '&status=used'))).toEqual([]);
    expect(ids(await mine(shopper))).not.toContain(available);
  });

  it('pages through coupons and offers without losing or repeating one', async () => {
    const collector = await Shopper.login(shop);
    const templates: string[] = [];
    for (let count = 0; count < 5; count++) templates.push(await offerCoupon(shop.database));
    const claimed: string[] = [];
    for (const templateId of templates) claimed.push((await claim(collector, templateId)).body.id);
    const paged = async (path: string): Promise<string[]> => {
      const seen: string[] = [];
      for (let next: string | undefined = ''; next !== undefined;) {
        const { body }: { body: Page<{ id: string }> } = await collector.get(`${path}?limit=2${next}`);
        seen.push(...ids(body));
        next = body.nextCursor && `&cursor=${body.nextCursor}`;
      }
      return seen;
    };
    expect(await paged('/me/coupons')).toEqual(claimed.toSorted().toReversed());
    expect((await paged('/coupons')).slice(0, 5)).toEqual(templates.toSorted().toReversed());
  });
});
