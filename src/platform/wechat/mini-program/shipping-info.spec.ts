import { afterEach, describe, expect, it } from 'vitest';
import { json, startApi, withTokens } from './mini-program.fixture.js';
import { ShippingInfo, type Shipment } from './shipping-info.js';
import { caught, inTurn, type StubAnswer } from '../wechat.fixture.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function setUp(answer: () => StubAnswer | 'cut' | null) {
  const { api, requests, close } = await startApi(withTokens(answer));
  cleanups.push(close);
  const sent = () => JSON.parse(requests.at(-1)!.body) as Record<string, unknown>;
  return { shipping: new ShippingInfo(api), requests, sent };
}

const shipment: Shipment = {
  transactionId: '4200001',
  payerOpenid: 'o-1',
  logisticsType: 'express',
  trackingNo: 'SF1234567890',
  expressCompany: 'SF',
  itemDescription: '小鱼干 100 克 × 2',
  contactMasked: '138****8000',
  uploadedAt: new Date('2026-11-22T16:30:00.123Z'),
};

const ok = json({ errcode: 0, errmsg: 'ok' });

describe('telling WeChat that goods have been sent', () => {
  it('says what, how and for whose payment', async () => {
    const { shipping, requests, sent } = await setUp(() => ok);
    expect(await shipping.upload(shipment)).toEqual({ status: 'uploaded' });
    expect(requests[1]!.path).toBe('/wxa/sec/order/upload_shipping_info?access_token=token-1');
    expect(sent()).toEqual({
      order_key: { order_number_type: 2, transaction_id: '4200001' },
      logistics_type: 1,
      delivery_mode: 1,
      shipping_list: [
        {
          tracking_no: 'SF1234567890',
          express_company: 'SF',
          item_desc: '小鱼干 100 克 × 2',
          contact: { receiver_contact: '138****8000' },
        },
      ],
      upload_time: '2026-11-23T00:30:00.123+08:00',
      payer: { openid: 'o-1' },
    });
  });

  it.each([
    ['same_city', 2],
    ['virtual', 3],
    ['self_pickup', 4],
  ] as const)('needs no carrier for %s', async (logisticsType, logistics_type) => {
    const { trackingNo: _, expressCompany: __, contactMasked: ___, ...carried } = shipment;
    const { shipping, sent } = await setUp(() => ok);
    await shipping.upload({ ...carried, logisticsType });
    expect(sent()).toMatchObject({ logistics_type, shipping_list: [{ item_desc: carried.itemDescription }] });
  });

  it('cuts a description that WeChat would refuse, between characters', async () => {
    const { shipping, sent } = await setUp(() => ok);
    await shipping.upload({ ...shipment, itemDescription: `.${'🐟'.repeat(60)}` });
    expect(sent()).toMatchObject({ shipping_list: [{ item_desc: `.${'🐟'.repeat(59)}` }] });
  });

  it.each([
    [10060023, 'unchanged'],
    [10060002, 'unchanged'],
    [10060001, 'not_yet_known'],
  ])('takes %i for %s', async (errcode, status) => {
    const { shipping } = await setUp(() => json({ errcode, errmsg: 'm' }));
    expect(await shipping.upload(shipment)).toEqual({ status });
  });

  it.each([10060003, 10060004, 10060005, 10060031, 268485216, 268485227])(
    'leaves %i to a person',
    async errcode => {
      const { shipping } = await setUp(() => json({ errcode, errmsg: 'why rid: 65f0' }));
      expect(await shipping.upload(shipment)).toEqual({
        status: 'refused',
        errcode,
        reason: 'why rid: 65f0',
      });
    },
  );

  it('sends the same again when the answer was lost: WeChat knows it', async () => {
    const { shipping, requests } = await setUp(inTurn('cut', json({ errcode: 10060023 })));
    expect(await shipping.upload(shipment)).toEqual({ status: 'unchanged' });
    expect(requests[2]!.body).toBe(requests[1]!.body);
  });

  it.each([
    [10060012, 'wechat.unavailable'],
    [10060019, 'wechat.unavailable'],
    [45009, 'wechat.throttled'],
    [48001, 'wechat.misconfigured'],
    [47001, 'wechat.refused'],
  ])('does not take %i for a word on the shipment', async (errcode, code) => {
    const { shipping } = await setUp(() => json({ errcode }));
    expect(await caught(shipping.upload(shipment))).toMatchObject({ code });
  });
});
