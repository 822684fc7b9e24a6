import { randomBytes } from 'node:crypto';
import { seal } from './aead.ts';
import { billRoutes } from './bill-routes.ts';
import { Bills } from './bills.ts';
import { chinaTime } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Credentials } from './credentials.ts';
import type { Faults, PayFault } from './faults.ts';
import { findWork, json, parseJson } from './http.ts';
import type { Answer, Reply, Route, SandboxRequest } from './http.ts';
import { PayError, payReply, toPayReply } from './pay-error.ts';
import type { PayReply } from './pay-error.ts';
import { asSignTest, chooseKey, signatureHeaders, verifyAuthorization } from './pay-signature.ts';
import { refundRoutes } from './refund-routes.ts';
import type { Refunds } from './refunds.ts';
import { prepayRule } from './prepay-rules.ts';
import type { PrepayBody } from './prepay-rules.ts';
import { check, shape, text } from './rules.ts';
import { tradeView } from './trades.ts';
import type { Trade, Trades } from './trades.ts';
import type { Users } from './users.ts';

interface PayParts {
  readonly credentials: Credentials;
  readonly trades: Trades;
  readonly refunds: Refunds;
  readonly users: Users;
  readonly faults: Faults;
  readonly now: Clock;
}

const closeRule = shape({ mchid: text({ max: 32 }) });

/** WeChat Pay API v3: each request signed by the merchant, each answer below 500 signed by WeChat. */
export class PaySurface {
  readonly #parts: PayParts;
  readonly #routes: readonly Route<PayReply>[];

  constructor(parts: PayParts) {
    this.#parts = parts;
    const byNo = '/v3/pay/transactions/out-trade-no/:outTradeNo';
    this.#routes = [
      { method: 'POST', path: '/v3/pay/transactions/jsapi', handle: request => this.#prepay(request) },
      {
        method: 'GET',
        path: byNo,
        handle: (request, [no = '']) => this.#view(request, parts.trades.find(no)),
      },
      {
        method: 'GET',
        path: '/v3/pay/transactions/id/:transactionId',
        handle: (request, [id = '']) => this.#view(request, parts.trades.findByTransaction(id)),
      },
      { method: 'POST', path: `${byNo}/close`, handle: (request, [no = '']) => this.#close(request, no) },
      ...refundRoutes(parts.refunds, parts.trades),
      ...billRoutes(new Bills(parts)),
      { method: 'GET', path: '/v3/certificates', handle: () => this.#certificates() },
    ];
    parts.faults.serves('pay', this.#routes);
  }

  handle(request: SandboxRequest): Answer {
    const fault = this.#parts.faults.pay(request.path) ?? {};
    if (fault.timeout) return 'no-answer';
    if (fault.status) return refuseByFault(fault.status, fault.code);
    const isIgnored = fault.closeIgnored && request.path.endsWith('/close');
    const reply = isIgnored ? payReply(204) : this.#work(request);
    return fault.replyLost ? 'hang-up' : this.#signed(request, reply, fault);
  }

  #work(request: SandboxRequest): PayReply {
    try {
      const work = findWork(this.#routes, request);
      if (!work) throw new PayError('RESOURCE_NOT_EXISTS', 'no such API');
      assertHeaders(request);
      verifyAuthorization(request, this.#parts.credentials, this.#parts.now());
      chooseKey(this.#parts.credentials, serialWanted(request));
      return work();
    } catch (error) {
      return toPayReply(error);
    }
  }

  #prepay(request: SandboxRequest): PayReply {
    const { credentials, users, trades } = this.#parts;
    const body = check<PrepayBody>(prepayRule, parseJson(request.body));
    this.#assertMerchant(body.mchid, 'body');
    if (body.appid !== credentials.appId)
      throw new PayError('APPID_MCHID_NOT_MATCH', 'appid和mch_id不匹配，请检查后再试');
    if (!users.has(body.payer.openid))
      throw new PayError('PARAM_ERROR', '无效的openid', {
        field: '/payer/openid',
        value: body.payer.openid,
        issue: 'is no user of this appid',
        location: 'body',
      });
    return payReply(200, { prepay_id: trades.prepay(body) });
  }

  #view(request: SandboxRequest, trade: Trade | undefined): PayReply {
    this.#assertMerchant(request.query.get('mchid') ?? undefined, 'query');
    if (!trade) throw new PayError('ORDER_NOT_EXIST', '订单不存在');
    return payReply(200, tradeView(trade));
  }

  #close(request: SandboxRequest, outTradeNo: string): PayReply {
    this.#assertMerchant(check<{ mchid: string }>(closeRule, parseJson(request.body)).mchid, 'body');
    this.#parts.trades.close(outTradeNo);
    return payReply(204);
  }

  #certificates(): PayReply {
    const { certificate, certificateSerial, certificateFromMs, certificateUntilMs, apiV3Key } =
      this.#parts.credentials;
    const data = [
      {
        serial_no: certificateSerial,
        effective_time: chinaTime(certificateFromMs),
        expire_time: chinaTime(certificateUntilMs),
        encrypt_certificate: seal(apiV3Key, certificate, 'certificate'),
      },
    ];
    return payReply(200, { data });
  }

  #assertMerchant(mchid: string | undefined, location: 'body' | 'query'): void {
    if (mchid === this.#parts.credentials.mchId) return;
    const issue = mchid ? 'is not the merchant that signed' : 'is required';
    throw new PayError('PARAM_ERROR', `mchid ${issue}`, { field: 'mchid', value: mchid, issue, location });
  }

  #signed(request: SandboxRequest, { finerNumber, unsigned, ...reply }: PayReply, fault: PayFault): Reply {
    const withId = { ...reply, headers: { ...reply.headers, 'Request-ID': requestId(finerNumber) } };
    if (fault.unsigned || unsigned) return withId;
    const signature = signatureHeaders(this.#keyFor(request), String(reply.body ?? ''), this.#parts.now());
    const headers = { ...withId.headers, ...(fault.signTest ? asSignTest(signature) : signature) };
    return { ...withId, headers };
  }

  /** Who names an unknown key is told so under the platform certificate. */
  #keyFor(request: SandboxRequest): ReturnType<typeof chooseKey> {
    const { credentials } = this.#parts;
    const wanted = serialWanted(request);
    const isKnown = wanted === credentials.publicKeyId || wanted === credentials.certificateSerial;
    return chooseKey(credentials, isKnown ? wanted : undefined);
  }
}

function serialWanted({ headers }: SandboxRequest): string | undefined {
  return headers['wechatpay-serial'] as string | undefined;
}

function assertHeaders({ headers, body }: SandboxRequest): void {
  if (!headers['user-agent']) throw headerError('User-Agent', 'is missing');
  if (!/application\/json|\*\/\*/.test(headers.accept ?? ''))
    throw headerError('Accept', 'must be application/json');
  if (body.length > 0 && !/^application\/json\b/.test(headers['content-type'] ?? ''))
    throw headerError('Content-Type', 'must be application/json');
}

function headerError(field: string, issue: string): PayError {
  return new PayError('PARAM_ERROR', `${field} ${issue}`, { field, issue, location: 'header' });
}

/** Unsigned, as answers of the gateway in front of WeChat Pay may be. */
function refuseByFault(status: number, code?: string): Reply {
  const usual = status === 429 ? 'FREQUENCY_LIMITED' : 'SYSTEM_ERROR';
  const headers = { 'Request-ID': requestId(status === 429 ? 268447840 : 0) };
  return json(status, { code: code ?? usual, message: '系统繁忙，请稍后重试' }, headers);
}

function requestId(finerNumber: number): string {
  return `${randomBytes(22).toString('hex').toUpperCase()}-${finerNumber}`;
}
