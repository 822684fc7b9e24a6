import { describe, expect, it } from 'vitest';
import { readBill } from './trade-bill.js';

const header =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const summary =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n`2,`18.99,`5.00,`0.00,`0.00,`19.99,`5.00\r\n';

const payment: Readonly<Record<string, string>> = {
  交易时间: '2026-11-22 00:30:00',
  公众账号ID: 'wx1',
  商户号: '1900000001',
  微信订单号: '4200001',
  商户订单号: 'N20261122',
  用户标识: 'o-1',
  交易类型: 'JSAPI',
  交易状态: 'SUCCESS',
  货币种类: 'CNY',
  应结订单金额: '18.99',
  代金券金额: '1.00',
  微信退款单号: '0',
  商户退款单号: '0',
  退款金额: '0.00',
  商品名称: '小鱼干, 100 克',
  手续费: '0.11394',
  费率: '0.60%',
  订单金额: '19.99',
  申请退款金额: '0.00',
};
const refund = {
  ...payment,
  交易状态: 'REFUND',
  微信退款单号: '50000001',
  商户退款单号: 'R20261122',
  退款金额: '4.75',
  退款状态: 'PROCESSING',
  应结订单金额: '0.00',
  订单金额: '0.00',
  申请退款金额: '5.00',
};

function line(cells: Readonly<Record<string, string>>, names = header): string {
  return names
    .split(',')
    .map(name => `\`${cells[name] ?? ''}`)
    .join(',');
}

function bill(...rows: readonly Readonly<Record<string, string>>[]): Buffer {
  return Buffer.from(`\ufeff${[header, ...rows.map(row => line(row))].join('\r\n')}\r\n${summary}`);
}

describe('a bill', () => {
  it('says what came in and what went back, as asked of the shop and not as settled', () => {
    expect(readBill(bill(payment, refund))).toEqual([
      {
        kind: 'payment',
        at: new Date('2026-11-21T16:30:00Z'),
        appId: 'wx1',
        transactionId: '4200001',
        outTradeNo: 'N20261122',
        payerOpenid: 'o-1',
        amountFen: 1999,
      },
      {
        kind: 'refund',
        at: new Date('2026-11-21T16:30:00Z'),
        appId: 'wx1',
        transactionId: '4200001',
        outTradeNo: 'N20261122',
        refundId: '50000001',
        outRefundNo: 'R20261122',
        amountFen: 500,
        status: 'PROCESSING',
      },
    ]);
  });

  it('is read by the names of its columns, wherever they stand', () => {
    const turned = `新的一列,${header.split(',').toReversed().join(',')}`;
    const text = `${turned}\n${line(payment, turned)}\n${summary}`;
    expect(readBill(Buffer.from(text))).toEqual(readBill(bill(payment)));
  });

  it('passes over what another shop of the merchant has revoked at its till', () => {
    const revoked = { ...payment, 交易状态: 'REVOKED', 公众账号ID: 'wx2', 商户订单号: 'till-1' };
    expect(readBill(bill(revoked, payment)).map(({ outTradeNo }) => outTradeNo)).toEqual([
      payment.商户订单号,
    ]);
  });

  it('may be of a day without a row', () => {
    expect(readBill(bill())).toEqual([]);
  });

  it.each([
    ['0.29', 29],
    ['0.1', 10],
    ['1.15', 115],
    ['4.35', 435],
    ['19.90000', 1990],
    ['7', 700],
    ['9999999999.99', 999_999_999_999],
  ])('counts %s yuan without rounding', (yuan, fen) => {
    expect(readBill(bill({ ...payment, 订单金额: yuan }))[0]!.amountFen).toBe(fen);
  });

  it.each(['', '-1.00', '1.001', '1e3', ' 1.00', '1,000.00', 'NaN'])('does not guess the amount %j', yuan => {
    expect(() => readBill(bill({ ...payment, 订单金额: yuan }))).toThrow('no number of fen');
  });

  it.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'no column'],
    ['HTML', Buffer.from('<html>'), 'no column'],
    [
      'no column for the order',
      Buffer.from(bill(payment).toString().replace('商户订单号', '单号')),
      'outTradeNo',
    ],
    ['no end', Buffer.from(`${header}\n${line(payment)}`), 'no summary'],
    ['a row that was cut', Buffer.from(bill(payment).toString().replace('`JSAPI,', '')), '26 cells'],
    ['a name that takes a cell more', bill({ ...payment, 商品名称: 'a,`b' }), '28 cells'],
    ['a state nobody knows', bill({ ...payment, 交易状态: 'HALF' }), 'HALF'],
    ['a time that is none', bill({ ...payment, 交易时间: 'today' }), 'a time'],
  ])('is not believed with %s', (_, bytes, reason) => {
    expect(() => readBill(bytes)).toThrow(reason);
  });
});
