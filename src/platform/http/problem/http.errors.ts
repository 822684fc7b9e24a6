import { AppError, type ErrorKind, type FieldError } from '../../../kernel/app-error.js';

/** Errors of the HTTP layer itself: the router, the body parser and Nest speak in statuses, clients get codes. */
export class HttpError extends AppError {
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    override readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

export class RequestInvalid extends AppError {
  readonly kind = 'invalid';
  readonly code = 'request.invalid';

  constructor(override readonly fields: readonly FieldError[]) {
    super('the request does not match its schema');
  }
}

/** The caller has to be known here, and no access token says who it is. */
export class LoginRequired extends AppError {
  readonly kind = 'unauthenticated';
  readonly code = 'auth.required';

  constructor() {
    super('no access token');
  }
}

export class Unexpected extends AppError {
  readonly kind = 'internal';
  readonly code = 'internal';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

const byStatus: Readonly<Record<number, readonly [ErrorKind, string]>> = {
  400: ['invalid', 'request.invalid'],
  401: ['unauthenticated', 'auth.required'],
  // Of the file server, for a path it does not serve.
  403: ['absent', 'route.not_found'],
  404: ['absent', 'route.not_found'],
  405: ['absent', 'route.not_found'],
  413: ['too_large', 'request.too_large'],
  414: ['invalid', 'request.uri_too_long'],
  415: ['unsupported', 'request.unsupported_media_type'],
  503: ['unavailable', 'request.timeout'],
};

/** Anything thrown below HTTP as an error with a kind and a code; what nobody foresaw becomes 500 `internal`. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const status = statusOf(error);
  const known = status === undefined ? undefined : byStatus[status];
  if (known) return new HttpError(...known, reasonOf(known[1], error), status === 503 ? 1 : undefined);
  if (status !== undefined && status >= 400 && status < 500) {
    return new HttpError('invalid', 'request.invalid', (error as Error).message);
  }
  return new Unexpected(error);
}

/** The router's own words repeat the raw URL, and with it whatever a client has put there. */
function reasonOf(code: string, error: unknown): string {
  return code === 'route.not_found' ? 'no such route' : (error as Error).message;
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { statusCode, getStatus } = error as { statusCode?: number; getStatus?: () => number };
  return typeof getStatus === 'function' ? getStatus.call(error) : statusCode;
}
