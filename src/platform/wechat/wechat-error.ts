import { AppError, type ErrorKind } from '../../kernel/app-error.js';

/** WeChat did not answer in time, answered with garbage, or was busy. Trying again later makes sense. */
export class WechatUnavailable extends AppError {
  readonly kind: ErrorKind = 'unavailable';
  readonly code = 'wechat.unavailable';
  override readonly retryAfterSeconds = 1;
}

export function isUnavailable(error: unknown): boolean {
  return error instanceof WechatUnavailable;
}

/** We have as many calls to WeChat under way as we allow ourselves. WeChat was not asked, and repeating adds to the crowd. */
export class TooManyWechatCalls extends WechatUnavailable {
  constructor() {
    super('too many calls to WeChat are under way');
  }
}

/** WeChat limits our rate or quota (45009, 45011, 429). */
export class WechatThrottled extends AppError {
  readonly kind: ErrorKind = 'throttled';
  readonly code = 'wechat.throttled';

  constructor(
    readonly errcode: number | string,
    override readonly retryAfterSeconds: number,
  ) {
    super(`WeChat limits our rate: ${errcode}`);
  }
}

/**
 * WeChat understood the call and refused it for a reason the caller may know. `errcode` is the number of the
 * mini-program API or the word of WeChat Pay.
 */
export class WechatRefused extends AppError {
  readonly kind: ErrorKind = 'internal';
  readonly code = 'wechat.refused';

  constructor(
    readonly operation: string,
    readonly errcode: number | string,
    readonly reason: string,
  ) {
    super(`WeChat refused ${operation}: ${errcode} ${reason}`);
  }

  /** Compares Pay codes without underscores: WeChat spells ORDER_PAID and ORDERPAID. */
  is(...codes: readonly string[]): boolean {
    const own = normalised(String(this.errcode));
    return codes.some(code => normalised(code) === own);
  }
}

export function normalised(payCode: string): string {
  return payCode.replaceAll('_', '').toUpperCase();
}

/**
 * WeChat does not accept who we are or how we ask: a wrong id, secret, key, serial, caller IP, clock or parameter. An
 * alarm, not a user's fault.
 */
export class WechatMisconfigured extends AppError {
  readonly kind: ErrorKind = 'internal';
  readonly code = 'wechat.misconfigured';

  constructor(
    readonly operation: string,
    readonly errcode: number | string,
    readonly reason: string,
  ) {
    super(
      `WeChat does not accept this shop at ${operation}: ${errcode} ${reason}; check the WECHAT_* settings`,
    );
  }
}

/** How loudly to log a failure that is survived: what no repeat cures waits for a person. */
export function severityOf(error: unknown): 'warn' | 'error' {
  return error instanceof WechatMisconfigured ? 'error' : 'warn';
}

/** The wx.login code was refused (40029, 40163), or WeChat blocks this user (40226, 50002): `details` tell which. */
export class LoginCodeRefused extends AppError {
  readonly kind: ErrorKind = 'unauthenticated';
  readonly code = 'auth.wechat_code_refused';
  override readonly title = { zh: '登录凭证无效，请重试', en: 'The login code is not valid, try again' };
  /** Somebody has spent this code before: perhaps the same client, a moment ago. */
  readonly alreadyUsed: boolean;
  /** A client that reads `blocked` need not log in again: no other code of this user would be taken either. */
  override readonly details: { readonly blocked: true } | undefined;

  constructor(readonly errcode: number) {
    super(`WeChat refused the login code: ${errcode}`);
    this.alreadyUsed = errcode === 40163;
    this.details = [40226, 50002].includes(errcode) ? { blocked: true } : undefined;
  }
}

/** The phone button's code was refused, belongs to somebody else, or its answer does not carry our watermark. */
export class PhoneCodeRefused extends AppError {
  readonly kind: ErrorKind = 'unprocessable';
  readonly code = 'wechat.phone_code_refused';
  override readonly title = {
    zh: '手机号授权已失效，请重新授权',
    en: 'The phone number code is not valid, authorise again',
  };

  constructor(readonly reason: 'code' | 'watermark_app' | 'watermark_age') {
    super(`the phone code was refused: ${reason}`);
  }
}

/** Why a signed message from WeChat Pay is not believed. */
export type SignatureFlaw = 'unsigned' | 'stale' | 'unknown_serial' | 'bad_signature' | 'probe';

/** An answer of WeChat Pay that it did not sign, or not like this. Nothing in it may be believed. */
export class WechatSignatureInvalid extends AppError {
  readonly kind: ErrorKind = 'unavailable';
  readonly code = 'wechat.signature_invalid';
  override readonly retryAfterSeconds = 1;

  constructor(
    readonly operation: string,
    readonly flaw: SignatureFlaw,
  ) {
    super(`the answer to ${operation} is not signed by WeChat Pay: ${flaw}`);
  }
}

/**
 * An answer that WeChat Pay signed, and to another question: replayed or mixed up on the way. A signature covers the
 * answer alone, so it says nothing about whom or what we asked.
 */
export class WechatAnswerMismatch extends AppError {
  readonly kind: ErrorKind = 'unavailable';
  readonly code = 'wechat.answer_mismatch';
  override readonly retryAfterSeconds = 1;

  constructor(
    readonly operation: string,
    readonly differing: readonly string[],
  ) {
    super(`the answer to ${operation} is about something else: it differs in ${differing.join(', ')}`);
  }
}

export type NoticeFlaw = SignatureFlaw | 'malformed' | 'unsupported' | 'undecryptable' | 'wrong_merchant';

/** A notice of WeChat Pay's that is not believed. A `probe` is WeChat testing that we verify: refuse it, but raise no alarm. */
export class NoticeRefused extends AppError {
  readonly kind: ErrorKind = 'unauthenticated';
  readonly code = 'wechat.notice_refused';
  override readonly title = { zh: '通知验证失败', en: 'The notice is not believed' };
  readonly isProbe: boolean;

  constructor(readonly flaw: NoticeFlaw) {
    super(`the notice is refused: ${flaw}`);
    this.isProbe = flaw === 'probe';
  }
}

/** Nobody has told this shop the token of WeChat's message push, so there is nothing to be believed by. */
export class PushNotConfigured extends AppError {
  readonly kind: ErrorKind = 'absent';
  readonly code = 'wechat.push_not_configured';
  override readonly title = { zh: '未启用微信消息推送', en: 'Message push is not set up' };

  constructor() {
    super('a message push came, but WECHAT_PUSH_TOKEN is not set');
  }
}

/**
 * `not_encrypted` and `encrypted`: the console's mode and WECHAT_PUSH_ENCODING_AES_KEY disagree, or somebody tries to
 * get a plain message past the key.
 */
export type PushFlaw =
  | 'unsigned'
  | 'stale'
  | 'bad_signature'
  | 'malformed'
  | 'not_encrypted'
  | 'encrypted'
  | 'undecryptable'
  | 'wrong_app';

/** A message push that is not believed. The flaw is for our log: told to the sender, it would help a forger. */
export class PushRefused extends AppError {
  readonly kind: ErrorKind = 'unauthenticated';
  readonly code = 'wechat.push_refused';
  override readonly title = { zh: '消息验证失败', en: 'The message is not believed' };

  constructor(readonly flaw: PushFlaw) {
    super(`the message push is refused: ${flaw}`);
  }
}
