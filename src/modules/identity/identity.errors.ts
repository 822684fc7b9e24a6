import { AppError } from '../../kernel/app-error.js';

export class TokenInvalid extends AppError {
  readonly kind = 'unauthenticated';
  readonly code = 'auth.token_invalid';
  override readonly title = { zh: '登录已失效，请重新登录', en: 'The access token is not valid any more' };

  constructor(reason: string) {
    super(`access token refused: ${reason}`);
  }
}

export class RefreshInvalid extends AppError {
  readonly kind = 'unauthenticated';
  readonly code = 'auth.refresh_invalid';
  override readonly title = { zh: '登录已过期，请重新登录', en: 'The refresh token is unknown or expired' };

  constructor() {
    super('refresh token unknown, expired or revoked');
  }
}

/** Two holders of one refresh token: one of them may be a thief, so neither stays logged in (RFC 9700 §4.14.2). */
export class RefreshReused extends AppError {
  readonly kind = 'unauthenticated';
  readonly code = 'auth.refresh_reused';
  override readonly title = {
    zh: '登录已失效，请重新登录',
    en: 'The refresh token was used before; log in again',
  };

  constructor() {
    super('refresh token used twice; its session is revoked');
  }
}

export class PhoneTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'identity.phone_taken';
  override readonly title = { zh: '该手机号已绑定其他用户', en: 'This phone belongs to another user' };

  constructor() {
    super('the phone is bound to another user');
  }
}

/** WeChat finds it risky, or leaves it to a person, of whom there is none here: another one is quickly found. */
export class NicknameRefused extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'identity.nickname_refused';
  override readonly title = { zh: '昵称含有不合适的内容，请换一个', en: 'Choose another nickname' };

  constructor() {
    super('WeChat does not pass the nickname');
  }
}

/** A phone is how a shopper is reached and recognised: whoever replaces it must have come in just now. */
export class FreshLoginRequired extends AppError {
  readonly kind = 'forbidden';
  readonly code = 'identity.fresh_login_required';
  override readonly title = {
    zh: '更换手机号前请重新登录',
    en: 'Log in again before changing the phone number',
  };

  constructor() {
    super('the session is too old to replace a bound phone');
  }
}

export class AddressNotFound extends AppError {
  readonly kind = 'absent';
  readonly code = 'identity.address_not_found';
  override readonly title = { zh: '收货地址不存在', en: 'No such address' };

  constructor() {
    super('no such address of this user');
  }
}

export class TooManyAddresses extends AppError {
  readonly kind = 'conflict';
  readonly code = 'identity.too_many_addresses';
  override readonly title = { zh: '收货地址数量已达上限', en: 'The address book is full' };

  override readonly details: { readonly limit: number };

  constructor(limit: number) {
    super('the address book is full');
    this.details = { limit };
  }
}
