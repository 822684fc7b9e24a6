import { AppError, type ErrorKind } from '../../../kernel/app-error.js';

/** WeChat Pay is still writing the bill of that day; it promises it from 10:00 of the next. */
export class BillNotReady extends AppError {
  readonly kind: ErrorKind = 'unavailable';
  readonly code = 'wechat.bill_not_ready';
  override readonly retryAfterSeconds = 600;

  constructor(date: string) {
    super(`the bill of ${date} is not ready`);
  }
}
