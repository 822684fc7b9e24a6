import { seal } from './aead.ts';
import { chinaTime, MINUTE_MS } from './clock.ts';
import type { Credentials } from './credentials.ts';
import type { NotifyFault } from './faults.ts';
import { asSignTest, certificateMode, publicKeyMode, signatureHeaders } from './pay-signature.ts';
import { tradeView } from './trades.ts';
import type { Trade } from './trades.ts';

const UNKNOWN_SERIAL = 'PUB_KEY_ID_00000000000000000000000000000000';

/** `lost`: WeChat believes it was delivered. `given-up`: the retry clock ran out. */
export type NoticeState = 'pending' | 'acked' | 'given-up' | 'lost';

export interface Notice {
  readonly id: string;
  readonly outTradeNo: string;
  readonly createdAtMs: number;
  readonly attempts: number;
  readonly state: NoticeState;
}

export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One delivery of a notice: the same id each time, sealed and signed anew. */
export function compose(
  notice: Notice,
  trade: Trade,
  credentials: Credentials,
  fault: NotifyFault,
  nowMs: number,
): Message {
  const plain = fault.tamperAmount ? withOtherAmount(trade) : trade;
  const body = JSON.stringify({
    id: notice.id,
    create_time: chinaTime(notice.createdAtMs),
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: {
      original_type: 'transaction',
      ...seal(credentials.apiV3Key, JSON.stringify(tradeView(plain)), 'transaction'),
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

function withOtherAmount(trade: Trade): Trade {
  const amount = { ...trade.request.amount, total: trade.request.amount.total + 1 };
  return { ...trade, request: { ...trade.request, amount } };
}
