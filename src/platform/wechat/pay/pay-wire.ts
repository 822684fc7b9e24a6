import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../../../kernel/clock.js';
import { authorization, newNonce } from './pay-signature.js';
import { parseJson } from '../wechat-answer.js';
import { WechatConfig } from '../wechat.config.js';
import {
  WechatMisconfigured,
  WechatRefused,
  WechatThrottled,
  WechatUnavailable,
  normalised,
} from '../wechat-error.js';
import { PayHttp, type Deadline, type WechatAnswer } from '../wechat-http.js';
import type { WechatOperation } from '../wechat-metrics.js';

export interface PayRequest {
  readonly operation: WechatOperation;
  readonly method: 'GET' | 'POST';
  /** Path and query, encoded: these characters are signed and sent. */
  readonly path: string;
  readonly body?: string;
  /** Whoever asks can wait: what WeChat finds too much is not repeated at once. */
  readonly isPatient?: boolean;
}

const refusalSchema = z.object({ code: z.string(), message: z.string().default('') });

/** Refusals that no shopper can cause and no repeat can cure: of who we are, or of how we write a request. */
const misconfigured = [
  'SIGNERROR',
  'NOAUTH',
  'APPIDMCHIDNOTMATCH',
  'MCHNOTEXISTS',
  'ACCOUNTERROR',
  'PARAMERROR',
];

/** One signed request to WeChat Pay v3. The signature of the *answer* is not checked here: see PayApi. */
@Injectable()
export class PayWire {
  constructor(
    private readonly config: WechatConfig,
    private readonly http: PayHttp,
    private readonly clock: Clock,
  ) {}

  /**
   * The answer of a 2xx.
   * @throws WechatUnavailable (network, 5xx, a refusal without Pay's code), WechatThrottled, WechatMisconfigured,
   * WechatRefused with Pay's code
   */
  async exchange(request: PayRequest, deadline: Deadline): Promise<WechatAnswer> {
    const headers = await this.signedHeaders(request);
    const { method, body, path } = request;
    const answer = await this.http.send(
      { method, body, headers, url: this.config.payBaseUrl + path },
      deadline,
    );
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw refusalOf(request.operation, answer);
  }

  private async signedHeaders({ method, path, body }: PayRequest): Promise<Record<string, string>> {
    const timestamp = Math.floor(this.clock.now().getTime() / 1000);
    const signed = { method, path, timestamp, nonce: newNonce(), body: body ?? '' };
    return {
      Authorization: await authorization(this.config, signed),
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'User-Agent': 'minnow',
      ...(this.config.publicKeyId && { 'Wechatpay-Serial': this.config.publicKeyId }),
    };
  }
}

/** The same over the connections that read bills. */
export class BillWire extends PayWire {}

function refusalOf(operation: WechatOperation, { status, headers, body }: WechatAnswer): Error {
  const requestId = String(headers['request-id'] ?? '');
  const refusal = refusalSchema.safeParse(parseJson(body));
  const { code, message } = refusal.success ? refusal.data : { code: `HTTP_${status}`, message: '' };
  const reason = `${message.slice(0, 200)} (HTTP ${status}, request ${requestId})`;
  if (status === 429) return new WechatThrottled(code, 1);
  // Without a code it is no word of WeChat Pay's: a gateway, a proxy or a captive portal has answered.
  if (status >= 500 || !refusal.success)
    return new WechatUnavailable(`WeChat Pay failed at ${operation}: ${code} ${reason}`);
  if (status === 401 || misconfigured.includes(normalised(code)))
    return new WechatMisconfigured(operation, code, reason);
  return new WechatRefused(operation, code, reason);
}
