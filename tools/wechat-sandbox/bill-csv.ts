import { chinaTime } from './clock.ts';
import type { Refund } from './refund.ts';
import type { Trade } from './trades.ts';

const names = [
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行',
  '货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态',
  '商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注',
].flatMap(line => line.split(','));

const totals = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';

type Cells = Readonly<Record<string, string>>;

export interface BillLine {
  readonly atMs: number;
  readonly cells: Cells;
}

export function paymentLine(trade: Trade, paidAtMs: number): BillLine {
  const total = yuan(trade.request.amount.total);
  const cells = {
    ...common(trade, paidAtMs),
    交易状态: 'SUCCESS',
    应结订单金额: total,
    微信退款单号: '0',
    商户退款单号: '0',
    订单金额: total,
  };
  return { atMs: paidAtMs, cells };
}

export function refundLine(refund: Refund, trade: Trade): BillLine {
  const amount = yuan(refund.request.amount.refund);
  const cells = {
    ...common(trade, refund.createdAtMs),
    交易状态: 'REFUND',
    微信退款单号: refund.refundId,
    商户退款单号: refund.request.out_refund_no,
    退款金额: amount,
    退款类型: 'ORIGINAL',
    退款状态: refund.status,
    申请退款金额: amount,
  };
  return { atMs: refund.createdAtMs, cells };
}

function common({ request, transactionId }: Trade, atMs: number): Cells {
  return {
    交易时间: chinaTime(atMs).slice(0, 19).replace('T', ' '),
    公众账号ID: request.appid,
    商户号: request.mchid,
    特约商户号: '0',
    微信订单号: transactionId ?? '',
    商户订单号: request.out_trade_no,
    用户标识: request.payer.openid,
    交易类型: 'JSAPI',
    付款银行: 'OTHERS',
    货币种类: 'CNY',
    应结订单金额: '0.00',
    代金券金额: '0.00',
    退款金额: '0.00',
    充值券退款金额: '0.00',
    商品名称: request.description,
    商户数据包: request.attach ?? '',
    手续费: '0.00000',
    费率: '0.60%',
    订单金额: '0.00',
    申请退款金额: '0.00',
  };
}

/** As WeChat writes it: a byte order mark, a backtick before each cell of data, a summary at the end. */
export function writeBill(lines: readonly BillLine[]): Buffer {
  const rows = lines
    .toSorted((a, b) => b.atMs - a.atMs)
    .map(({ cells }) => marked(names.map(name => cells[name])));
  const sum = (name: string) => lines.reduce((fen, { cells }) => fen + fenOf(cells[name]), 0);
  const sums = ['应结订单金额', '退款金额', '充值券退款金额'].map(name => yuan(sum(name)));
  const asked = ['订单金额', '申请退款金额'].map(name => yuan(sum(name)));
  const summary = marked([String(lines.length), ...sums, '0.00000', ...asked]);
  return Buffer.from(`\ufeff${[names.join(','), ...rows, totals, summary].join('\r\n')}\r\n`);
}

function marked(cells: readonly (string | undefined)[]): string {
  return cells.map(cell => `\`${cell ?? ''}`).join(',');
}

function yuan(fen: number): string {
  return `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}

function fenOf(amount = '0.00'): number {
  return Number(amount.replace('.', ''));
}
