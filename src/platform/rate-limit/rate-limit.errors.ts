import { AppError } from '../../kernel/app-error.js';
import type { Allowance } from './buckets.js';
import type { LimitName } from './limit-name.js';

/** `details.limit` tells clients whether this call, or all of theirs, come too often. */
export class TooManyRequests extends AppError {
  readonly kind = 'throttled';
  readonly code = 'request.throttled';
  override readonly details: { readonly limit: LimitName };
  override readonly retryAfterSeconds: number;

  constructor(
    limit: LimitName,
    readonly allowance: Allowance,
    waitMs: number,
  ) {
    super(`more than limit.${limit} allows`);
    this.details = { limit };
    this.retryAfterSeconds = Math.ceil(waitMs / 1_000);
  }
}
