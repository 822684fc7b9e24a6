import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import type { Caller } from '../../../platform/http/caller.js';
import { kindRules } from '../../../platform/http/problem/problem.js';
import {
  Idempotency,
  type IdempotentAnswer,
  type IdempotentRequest,
  type StoredAnswer,
} from '../../../platform/idempotency/idempotency.js';
import { MiniProgramClient } from '../../../platform/wechat/mini-program/mini-program-client.js';
import { PhoneCodeRefused } from '../../../platform/wechat/wechat-error.js';
import { FreshLoginRequired, PhoneTaken } from '../identity.errors.js';
import { maskPhone, phoneText } from '../phone.js';
import { SessionService } from '../session/session.service.js';
import { UserRepository } from '../user.repository.js';
import type { BindPhoneInput, PhoneView } from './profile.schema.js';

/** What is refused after the code is spent, by code: a retry cannot find it out again, so its key keeps it. */
const refusals: ReadonlyMap<string, new () => AppError> = new Map<string, new () => AppError>([
  ['identity.phone_taken', PhoneTaken],
  ['identity.fresh_login_required', FreshLoginRequired],
]);

/**
 * Binds the number behind the phone button's code; WeChat checks that the code is this shopper's own. A number that is
 * bound already is replaced by another only in a fresh session: a stolen token must not be enough.
 */
@Injectable()
export class BindPhone {
  constructor(
    private readonly users: UserRepository,
    private readonly sessions: SessionService,
    private readonly client: MiniProgramClient,
    private readonly idempotency: Idempotency,
  ) {}

  /** @throws PhoneCodeRefused, PhoneTaken, FreshLoginRequired, WechatUnavailable */
  async execute(caller: Caller, input: BindPhoneInput, key: string | undefined): Promise<IdempotentAnswer> {
    const request = { ownerId: caller.userId, key, fingerprint: ['POST', '/me/phone', input] };
    const answer = await this.bind(request, caller, input).catch((error: unknown) =>
      this.keepRefusal(request, error),
    );
    const Refusal = answer.status === 200 ? undefined : refusals.get(answer.body);
    if (Refusal) throw new Refusal();
    return answer;
  }

  private async bind(
    request: IdempotentRequest,
    caller: Caller,
    input: BindPhoneInput,
  ): Promise<IdempotentAnswer> {
    // WeChat takes money for a code, and it works once: not for a request that is not answered by it.
    const earlier = await this.idempotency.find(request);
    if (earlier) return earlier;
    return this.idempotency.execute(
      request,
      () => this.prepare(caller, input),
      // A twin of this request that was faster has spent the code, and is about to store its answer.
      error => request.key !== undefined && error instanceof PhoneCodeRefused && error.reason === 'code',
    );
  }

  private async prepare(
    { userId, sessionId }: Caller,
    { code }: BindPhoneInput,
  ): Promise<() => Promise<StoredAnswer>> {
    const { openid } = await this.users.getPayer(userId);
    const mayReplace = await this.sessions.isFresh(sessionId);
    const phone = phoneText(await this.client.getPhoneNumber(code, openid));
    return async () => {
      if (!(await this.users.setPhone(userId, phone, mayReplace))) throw new FreshLoginRequired();
      const view: PhoneView = { phoneMasked: maskPhone(phone) };
      return { status: 200, body: JSON.stringify(view) };
    };
  }

  /** The refusal has undone its transaction, so it is kept in one of its own; a problem is worded for each request. */
  private keepRefusal(request: IdempotentRequest, error: unknown): Promise<IdempotentAnswer> {
    if (!(error instanceof AppError) || !refusals.has(error.code)) throw error;
    const { status } = kindRules[error.kind];
    return this.idempotency.run(request, async () => ({ status, body: error.code }));
  }
}
