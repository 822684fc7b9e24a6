import { seal } from './aead.ts';
import { chinaTime, MINUTE_MS } from './clock.ts';
import type { Credentials } from './credentials.ts';
import type { NotifyFault } from './faults.ts';
import { asSignTest, certificateMode, publicKeyMode, signatureHeaders } from './pay-signature.ts';
import { refundNoticeView } from './refund.ts';
import type { Refund, SettledStatus } from './refund.ts';
import { tradeView } from './trades.ts';
import type { Trade } from './trades.ts';

const UNKNOWN_SERIAL = 'PUB_KEY_ID_00000000000000000000000000000000';

/** `lost`: WeChat believes it was delivered. `given-up`: the retry clock ran out. */
export type NoticeState = 'pending' | 'acked' | 'given-up' | 'lost';

/** What a notice is about: a payment, unless it names a refund and what had become of it. */
export interface NoticeSubject {
  readonly outTradeNo: string;
  readonly refund?: { readonly outRefundNo: string; readonly status: SettledStatus };
}

export interface Notice extends NoticeSubject {
  readonly id: string;
  readonly createdAtMs: number;
  readonly attempts: number;
  readonly state: NoticeState;
}

export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a notice says, and where. */
export interface NoticeContent {
  readonly url: string;
  readonly eventType: string;
  readonly summary: string;
  readonly originalType: 'transaction' | 'refund';
  readonly plain: Record<string, unknown>;
}

export function paymentContent(trade: Trade): NoticeContent {
  return {
    url: trade.request.notify_url,
    eventType: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    originalType: 'transaction',
    plain: tradeView(trade),
  };
}

const refundSummaries = { SUCCESS: '退款成功', ABNORMAL: '退款异常', CLOSED: '退款关闭' } as const;

/** The payment's URL stands in for the one that is set at the merchant platform. */
export function refundContent(refund: Refund, trade: Trade, status: SettledStatus): NoticeContent {
  return {
    url: refund.request.notify_url ?? trade.request.notify_url,
    eventType: `REFUND.${status}`,
    summary: refundSummaries[status],
    originalType: 'refund',
    plain: refundNoticeView(refund, trade, status),
  };
}

/** One delivery of a notice: the same id each time, sealed and signed anew. */
export function compose(
  notice: Notice,
  content: NoticeContent,
  credentials: Credentials,
  fault: NotifyFault,
  nowMs: number,
): Message {
  const { eventType, summary, originalType } = content;
  const plain = fault.tamperAmount ? withOtherAmount(content.plain) : content.plain;
  const body = JSON.stringify({
    id: notice.id,
    create_time: chinaTime(notice.createdAtMs),
    resource_type: 'encrypt-resource',
    event_type: eventType,
    summary,
    resource: {
      original_type: originalType,
      ...seal(credentials.apiV3Key, JSON.stringify(plain), originalType),
    },
  });
  const key = fault.keyMode === 'certificate' ? certificateMode(credentials) : publicKeyMode(credentials);
  const signed = signatureHeaders(key, body, fault.staleTimestamp ? nowMs - 10 * MINUTE_MS : nowMs);
  const headers = fault.wrongSerial ? { ...signed, 'Wechatpay-Serial': UNKNOWN_SERIAL } : signed;
  return {
    headers: { 'content-type': 'application/json', 'user-agent': 'Mozilla/4.0', ...headers },
    body,
  };
}

export function asProbe({ headers, body }: Message): Message {
  return { headers: asSignTest(headers), body };
}

function withOtherAmount(plain: Record<string, unknown>): Record<string, unknown> {
  const amounts = Object.entries(plain['amount'] as object).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'number' ? value + 1 : value,
  ]);
  return { ...plain, amount: Object.fromEntries(amounts) as unknown };
}
