import { Injectable } from '@nestjs/common';
import {
  Idempotency,
  type IdempotentAnswer,
  type StoredAnswer,
} from '../../../platform/idempotency/idempotency.js';
import { MiniProgramClient } from '../../../platform/wechat/mini-program-client.js';
import { PhoneCodeRefused } from '../../../platform/wechat/wechat-error.js';
import { maskPhone, phoneText } from '../phone.js';
import { UserRepository } from '../user.repository.js';
import type { BindPhoneInput, PhoneView } from './profile.schema.js';

/** Binds the number behind the phone button's code; WeChat checks that the code is this shopper's own. */
@Injectable()
export class BindPhone {
  constructor(
    private readonly users: UserRepository,
    private readonly client: MiniProgramClient,
    private readonly idempotency: Idempotency,
  ) {}

  /** @throws PhoneCodeRefused, PhoneTaken, WechatUnavailable */
  async execute(userId: string, input: BindPhoneInput, key: string | undefined): Promise<IdempotentAnswer> {
    const request = { ownerId: userId, key, fingerprint: ['POST', '/me/phone', input] };
    // The code works once: a twin of this request that was faster has spent it, and is about to store its answer.
    return this.idempotency.execute(
      request,
      () => this.prepare(userId, input),
      error => key !== undefined && error instanceof PhoneCodeRefused && error.reason === 'code',
    );
  }

  private async prepare(userId: string, input: BindPhoneInput): Promise<() => Promise<StoredAnswer>> {
    const { openid } = await this.users.getPayer(userId);
    const phone = phoneText(await this.client.getPhoneNumber(input.code, openid));
    return async () => {
      await this.users.setPhone(userId, phone);
      const view: PhoneView = { phoneMasked: maskPhone(phone) };
      return { status: 200, body: JSON.stringify(view) };
    };
  }
}
