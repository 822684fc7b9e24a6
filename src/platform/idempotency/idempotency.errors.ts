import { AppError } from '../../kernel/app-error.js';

export class IdempotencyKeyRequired extends AppError {
  readonly kind = 'invalid';
  readonly code = 'idempotency.key_required';
  override readonly title = { zh: '缺少幂等键', en: 'An Idempotency-Key header is required' };

  constructor() {
    super('this request needs an Idempotency-Key header');
  }
}

export class IdempotencyKeyInvalid extends AppError {
  readonly kind = 'invalid';
  readonly code = 'idempotency.key_invalid';
  override readonly title = { zh: '幂等键格式不正确', en: 'The Idempotency-Key header is malformed' };

  constructor() {
    super('Idempotency-Key must be 1 to 64 visible ASCII characters');
  }
}

export class IdempotencyKeyReused extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'idempotency.key_reused';
  override readonly title = {
    zh: '幂等键已用于另一请求',
    en: 'This Idempotency-Key was used with another request',
  };

  constructor() {
    super('this Idempotency-Key was used with another request');
  }
}

export class IdempotencyInProgress extends AppError {
  readonly kind = 'conflict';
  readonly code = 'idempotency.in_progress';
  override readonly title = {
    zh: '相同请求正在处理，请稍后重试',
    en: 'The first request with this key is still running',
  };
  override readonly retryAfterSeconds = 1;

  constructor() {
    super('the first request with this Idempotency-Key is still running');
  }
}
