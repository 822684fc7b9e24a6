import { AppError } from '../../kernel/app-error.js';

/** More reads are waiting for PostgreSQL than may wait. */
export class CacheBusy extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'cache.busy';
  override readonly retryAfterSeconds = 1;

  constructor() {
    super('too many cached values are being read at once');
  }
}
