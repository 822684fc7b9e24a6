import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessToken, callApi, callPay, control, paymentParams, prepayBody } from './merchant.fake.ts';
import { createSandbox } from './sandbox.ts';

type Json = Readonly<Record<string, unknown>>;

let skewMs = 0;
const sandbox = createSandbox({ now: () => Date.now() + skewMs, refundDelayMs: 3_600_000 });
let openid = '';
let token = '';

beforeAll(async () => {
  await sandbox.listen();
  openid = String((await control(sandbox, 'login-codes', {})).body['openid']);
  token = await accessToken(sandbox);
});
beforeEach(async () => {
  skewMs = 0;
  await control(sandbox, 'faults', { notify: { lost: true } });
});
afterAll(() => sandbox.close());

interface Paid {
  readonly outTradeNo: string;
  readonly transactionId: string;
}

async function paid(): Promise<Paid> {
  const body = prepayBody(sandbox.env, openid);
  const prepaid = await callPay(sandbox, { path: '/v3/pay/transactions/jsapi', body });
  const answer = await control(sandbox, 'payments', paymentParams(sandbox.env, prepaid.body['prepay_id']));
  return answer.body as unknown as Paid;
}

const parcel = { tracking_no: 'YT1', express_company: 'YTO', item_desc: '小鱼干' };

function shipment({ transactionId }: Pick<Paid, 'transactionId'>, change: Json = {}): Json {
  return {
    order_key: { order_number_type: 2, transaction_id: transactionId },
    logistics_type: 1,
    delivery_mode: 1,
    shipping_list: [parcel],
    upload_time: '2026-11-22T16:00:00.000+08:00',
    payer: { openid },
    ...change,
  };
}

async function upload(body: Json): Promise<unknown> {
  const path = `/wxa/sec/order/upload_shipping_info?access_token=${token}`;
  return (await callApi(sandbox, path, body)).body['errcode'];
}

describe('shipping info', () => {
  it('is taken for a paid trade, by either number, and can be looked at', async () => {
    const [one, other] = [await paid(), await paid()];
    expect(await upload(shipment(one))).toBe(0);
    const mchid = sandbox.env['WECHAT_PAY_MCH_ID'];
    const order_key = { order_number_type: 1, mchid, out_trade_no: other.outTradeNo };
    expect(await upload(shipment(other, { order_key }))).toBe(0);
    const { body } = await control(sandbox, `shipments/${one.transactionId}`);
    expect(body).toMatchObject({ logisticsType: 1, parcels: [parcel], isComplete: true, times: 1 });
  });

  it('needs the token', async () => {
    expect((await callApi(sandbox, '/wxa/sec/order/upload_shipping_info', {})).body['errcode']).toBe(41001);
  });

  it('is the same again when only its time differs', async () => {
    const trade = await paid();
    await upload(shipment(trade));
    expect(await upload(shipment(trade, { upload_time: '2026-11-22T17:00:00+08:00' }))).toBe(10060023);
  });

  it('can be corrected once', async () => {
    const trade = await paid();
    const by = (tracking_no: string) => shipment(trade, { shipping_list: [{ ...parcel, tracking_no }] });
    expect([await upload(by('A')), await upload(by('B')), await upload(by('C'))]).toEqual([0, 0, 10060003]);
    expect(await upload(by('B'))).toBe(10060023);
  });

  it('keeps its kind', async () => {
    const trade = await paid();
    await upload(shipment(trade));
    expect(await upload(shipment(trade, { logistics_type: 4 }))).toBe(10060005);
  });

  it('of a split delivery is complete when it says so', async () => {
    const trade = await paid();
    const part = (tracking_no: string, is_all_delivered: boolean) =>
      shipment(trade, { delivery_mode: 2, is_all_delivered, shipping_list: [{ ...parcel, tracking_no }] });
    expect([await upload(part('A', false)), await upload(part('B', true))]).toEqual([0, 0]);
    const { body } = await control(sandbox, `shipments/${trade.transactionId}`);
    expect(body).toMatchObject({ isComplete: true, times: 1 });
    expect(body['parcels']).toHaveLength(2);
  });

  it('is not possible for a trade that is unknown or unpaid', async () => {
    expect(await upload(shipment({ transactionId: '4200000000' }))).toBe(10060001);
    const body = prepayBody(sandbox.env, openid);
    await callPay(sandbox, { path: '/v3/pay/transactions/jsapi', body });
    const mchid = sandbox.env['WECHAT_PAY_MCH_ID'];
    const order_key = { order_number_type: 1, mchid, out_trade_no: body['out_trade_no'] };
    expect(await upload(shipment({ transactionId: '' }, { order_key }))).toBe(10060001);
  });

  it('comes too early just after the payment when a fault says so', async () => {
    await control(sandbox, 'faults', { notify: { lost: true }, shippingDelayMs: 60_000 });
    const trade = await paid();
    expect(await upload(shipment(trade))).toBe(10060001);
    skewMs = 60_000;
    expect(await upload(shipment(trade))).toBe(0);
  });

  it('is refused for another payer, and once all money is going back', async () => {
    const trade = await paid();
    expect(await upload(shipment(trade, { payer: { openid: 'somebody' } }))).toBe(10060031);
    const amount = { refund: 1990, total: 1990, currency: 'CNY' };
    const body = { out_trade_no: trade.outTradeNo, out_refund_no: `R${trade.outTradeNo}`, amount };
    await callPay(sandbox, { path: '/v3/refund/domestic/refunds', body });
    expect(await upload(shipment(trade))).toBe(10060004);
  });

  const listOf = (change: Json) => ({ shipping_list: [{ ...parcel, ...change }] });
  it.each<[string, Json, number]>([
    ['no order', { order_key: {} }, 268485194],
    ['no number', { order_key: { order_number_type: 2 } }, 268485195],
    ['no merchant', { order_key: { order_number_type: 1, out_trade_no: 'N1' } }, 268485196],
    ['no order number', { order_key: { order_number_type: 1, mchid: '1' } }, 268485197],
    ['a kind nobody knows', { logistics_type: 5 }, 10060014],
    ['a mode nobody knows', { delivery_mode: 3 }, 268485224],
    ['a list that is an object', { shipping_list: parcel }, 47001],
    ['no parcel', { shipping_list: [] }, 268485228],
    ['two parcels at once', { shipping_list: [parcel, parcel] }, 268485228],
    [
      'sixteen parcels',
      { delivery_mode: 2, is_all_delivered: true, shipping_list: Array.from({ length: 16 }, () => parcel) },
      10060024,
    ],
    ['a split without its end', { delivery_mode: 2 }, 10060007],
    [
      'a split that nobody carries',
      { delivery_mode: 2, logistics_type: 2, is_all_delivered: true },
      10060006,
    ],
    ['no description', listOf({ item_desc: '' }), 10060008],
    ['a description of 121 characters', listOf({ item_desc: '鱼'.repeat(121) }), 10060009],
    ['no tracking number', listOf({ tracking_no: '' }), 268485226],
    ['no carrier', listOf({ express_company: undefined }), 268485227],
    ['a carrier of 129 bytes', listOf({ express_company: 'Y'.repeat(129) }), 10060025],
    ['a tracking number of 129 bytes', listOf({ tracking_no: '1'.repeat(129) }), 10060026],
    ['SF without a phone', listOf({ express_company: 'SF' }), 10060014],
    ['a phone for all to see', listOf({ contact: { receiver_contact: '13800138000' } }), 10060014],
    ['a time without offset', { upload_time: '2026-11-22T16:00:00' }, 268485216],
  ])('is refused with %s', async (_, change, errcode) => {
    expect(await upload(shipment({ transactionId: '4200000000' }, change))).toBe(errcode);
  });

  it('needs no carrier for what nobody carries, and takes a masked phone', async () => {
    const pickedUp = { logistics_type: 4, shipping_list: [{ item_desc: '小鱼干' }] };
    expect(await upload(shipment(await paid(), pickedUp))).toBe(0);
    const masked = listOf({ express_company: 'SF', contact: { receiver_contact: '138****8000' } });
    expect(await upload(shipment(await paid(), masked))).toBe(0);
  });
});
