import { AppError } from '../../kernel/app-error.js';

export class StaffTokenInvalid extends AppError {
  readonly kind = 'unauthenticated';
  readonly code = 'admin.token_invalid';
  override readonly title = { zh: '登录已失效，请重新登录', en: 'Your login is not valid any more' };

  constructor(reason: string) {
    super(`staff token refused: ${reason}`);
  }
}

export class Forbidden extends AppError {
  readonly kind = 'forbidden';
  readonly code = 'admin.forbidden';
  override readonly title = { zh: '您的角色没有此权限', en: 'Your role does not allow this' };

  constructor(override readonly details: { readonly permission: string }) {
    super('the role lacks the permission');
  }
}

/** Wrong name, wrong password, somebody who has left: one answer, or names could be tried out. */
export class LoginRefused extends AppError {
  readonly kind = 'unauthenticated';
  readonly code = 'admin.login_refused';
  override readonly title = { zh: '用户名或密码错误', en: 'Wrong username or password' };

  constructor() {
    super('username or password not right');
  }
}

export class LoginThrottled extends AppError {
  readonly kind = 'throttled';
  readonly code = 'admin.login_throttled';
  override readonly title = {
    zh: '失败次数过多，请稍后再试',
    en: 'Too many failed attempts, try again later',
  };

  constructor(override readonly retryAfterSeconds: number) {
    super('too many failed attempts with this username or from this address');
  }
}

/** Hashing passwords is slow on purpose; more of it at once would take the whole process's time. */
export class PasswordsBusy extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'admin.passwords_busy';
  override readonly retryAfterSeconds = 1;

  constructor() {
    super('as many passwords are being checked as may be at once');
  }
}

export class PasswordWrong extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'admin.password_wrong';
  override readonly title = { zh: '当前密码不正确', en: 'The current password is not right' };

  constructor() {
    super('the current password is not right');
  }
}

export class PasswordWeak extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'admin.password_weak';
  override readonly title = { zh: '密码太容易被猜到', en: 'This password is too easy to guess' };

  constructor(override readonly details: { readonly reason: string }) {
    super('the password is too easy to guess');
  }
}

export class UsernameTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'admin.username_taken';
  override readonly title = { zh: '用户名已存在', en: 'This username is taken' };

  constructor() {
    super('the username is taken');
  }
}

export class StaffNotFound extends AppError {
  readonly kind = 'absent';
  readonly code = 'admin.staff_not_found';
  override readonly title = { zh: '员工不存在', en: 'No such member of staff' };

  constructor() {
    super('no such member of staff');
  }
}

/** Else nobody could let anybody in again. */
export class LastOwner extends AppError {
  readonly kind = 'conflict';
  readonly code = 'admin.last_owner';
  override readonly title = { zh: '至少要保留一位在职店主', en: 'The last active owner has to stay' };

  constructor() {
    super('the last active owner cannot be removed');
  }
}

export class NotAPicture extends AppError {
  readonly kind = 'unsupported';
  readonly code = 'admin.not_a_picture';
  override readonly title = { zh: '只支持 PNG、JPEG 和 WebP 图片', en: 'Only PNG, JPEG and WebP pictures' };

  constructor() {
    super('the bytes are no PNG, JPEG or WebP');
  }
}

export class MediaNotConfigured extends AppError {
  readonly kind = 'absent';
  readonly code = 'admin.media_not_configured';
  override readonly title = { zh: '未启用图片上传', en: 'There is no place for pictures' };

  constructor() {
    super('MEDIA_ROOT is not set');
  }
}

/** The disk is full, read-only or gone. */
export class MediaUnavailable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'admin.media_unavailable';
  override readonly retryAfterSeconds = 5;

  constructor(cause: unknown) {
    super('the picture could not be written', { cause });
  }
}
