/** What went wrong, in terms of the caller. `platform/http` maps each kind to one status and one log level. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'absent'
  | 'conflict'
  | 'too_large'
  | 'unsupported'
  | 'unprocessable'
  | 'throttled'
  | 'unavailable'
  | 'internal';

/** A problem with one field of the input; `path` is a JSON path such as `items.0.quantity`. */
export interface FieldError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** What a person reads, in the two languages the shop speaks. */
export interface LocalizedText {
  readonly zh: string;
  readonly en: string;
}

/** What a problem says already: a detail of the same name would take its place. */
type ProblemMember = 'type' | 'title' | 'status' | 'code' | 'detail' | 'traceId' | 'errors';

/**
 * Base of every error the shop raises on purpose. `code` is public API (`order.not_cancellable`);
 * `details` are safe to show; `message` is for the log and never leaves the process on `internal` errors.
 */
export abstract class AppError extends Error {
  abstract readonly kind: ErrorKind;
  abstract readonly code: string;
  readonly details?: Readonly<Record<string, unknown>> & { readonly [Name in ProblemMember]?: never };
  /** One sentence for the shopper; the kind's own sentence if absent. */
  readonly title?: LocalizedText;
  readonly fields?: readonly FieldError[];
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}
