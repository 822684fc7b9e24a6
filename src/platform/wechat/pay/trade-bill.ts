import { WechatUnavailable } from '../wechat-error.js';

interface BillEntry {
  readonly at: Date;
  /** A merchant number may serve more mini-programs than ours. */
  readonly appId: string;
  readonly transactionId: string;
  readonly outTradeNo: string;
  readonly amountFen: number;
}

/** Money that came in. */
export interface BillPayment extends BillEntry {
  readonly kind: 'payment';
  readonly payerOpenid: string;
}

/** Money that went back, or is on its way. */
export interface BillRefund extends BillEntry {
  readonly kind: 'refund';
  readonly refundId: string;
  readonly outRefundNo: string;
  /** WeChat's word, such as SUCCESS or PROCESSING, as it was when the bill was made. */
  readonly status: string;
}

export type BillRow = BillPayment | BillRefund;

/** The columns we read, wherever they stand: WeChat adds others now and then. */
const columns = {
  at: '交易时间',
  appId: '公众账号ID',
  transactionId: '微信订单号',
  outTradeNo: '商户订单号',
  payerOpenid: '用户标识',
  state: '交易状态',
  amount: '订单金额',
  refundId: '微信退款单号',
  outRefundNo: '商户退款单号',
  refundAmount: '申请退款金额',
  refundStatus: '退款状态',
} as const;

type Cells = Readonly<Record<keyof typeof columns, string>>;

/** Every cell of data begins with it, so that a spreadsheet takes numbers for text; header lines have none. */
const mark = '`';

/**
 * Reads a bill of type ALL: a header, rows, and a summary that is left out. Money is yuan there and fen here, without a
 * float in between.
 * @throws WechatUnavailable when it has another form: better no bill than a wrong one
 */
export function readBill(bytes: Buffer): readonly BillRow[] {
  const [header = '', ...lines] = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
  const names = header.split(',');
  const places = Object.entries(columns).map(([key, name]) => [key, names.indexOf(name)] as const);
  const missing = places.find(([, place]) => place === -1);
  if (missing) throw unknownForm(`no column for ${missing[0]}`);
  const end = lines.findIndex(line => !line.startsWith(mark));
  if (end === -1) throw unknownForm('no summary');
  return lines.slice(0, end).flatMap(line => {
    const cells = line.slice(mark.length).split(`,${mark}`);
    if (cells.length !== names.length) throw unknownForm(`${cells.length} cells under ${names.length} names`);
    return toRow(Object.fromEntries(places.map(([key, place]) => [key, cells[place]])) as Cells);
  });
}

/** One row; none for what a mini-program cannot have: only payments by a code at the till are revoked. */
function toRow(cells: Cells): BillRow | [] {
  const { appId, transactionId, outTradeNo, payerOpenid, refundId, outRefundNo } = cells;
  const entry = { at: inBeijing(cells.at), appId, transactionId, outTradeNo };
  if (cells.state === 'SUCCESS')
    return { ...entry, kind: 'payment', payerOpenid, amountFen: yuanToFen(cells.amount) };
  if (cells.state === 'REVOKED') return [];
  if (cells.state !== 'REFUND') throw unknownForm(`a trade in the state ${cells.state}`);
  const amountFen = yuanToFen(cells.refundAmount);
  return { ...entry, kind: 'refund', refundId, outRefundNo, amountFen, status: cells.refundStatus };
}

/** `19.9`, `19.90` and `19.90000` alike; nothing smaller than a fen. */
function yuanToFen(text: string): number {
  const [, yuan, fraction = ''] = /^(\d{1,10})(?:\.(\d{1,2})0*)?$/.exec(text) ?? [];
  if (yuan === undefined) throw unknownForm('an amount that is no number of fen');
  return Number(yuan) * 100 + Number(fraction.padEnd(2, '0'));
}

function inBeijing(text: string): Date {
  const time = new Date(`${text.replace(' ', 'T')}+08:00`);
  if (Number.isNaN(time.getTime())) throw unknownForm('a time that is none');
  return time;
}

function unknownForm(what: string): WechatUnavailable {
  return new WechatUnavailable(`WeChat Pay's bill has an unknown form: ${what}`);
}
