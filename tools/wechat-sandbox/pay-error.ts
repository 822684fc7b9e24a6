import { json } from './http.ts';
import type { Reply } from './http.ts';
import { InvalidInput } from './rules.ts';

interface ErrorDetail {
  readonly field: string;
  readonly value?: unknown;
  readonly issue: string;
  readonly location: 'body' | 'query' | 'path' | 'header' | 'authorization';
}

/** `cause` is the finer number WeChat Pay puts at the end of Request-ID. */
const known = {
  PARAM_ERROR: { status: 400, cause: 268435461 },
  INVALID_REQUEST: { status: 400, cause: 268435461 },
  APPID_MCHID_NOT_MATCH: { status: 400, cause: 268435461 },
  NO_STATEMENT_EXIST: { status: 400, cause: 268435461 },
  STATEMENT_CREATING: { status: 400, cause: 268435461 },
  ORDER_CLOSED: { status: 400, cause: 268435461 },
  ORDER_PAID: { status: 400, cause: 268449538 },
  SIGN_ERROR: { status: 401, cause: 268443699 },
  ORDER_NOT_EXIST: { status: 404, cause: 268512771 },
  RESOURCE_NOT_EXISTS: { status: 404, cause: 268435461 },
} as const;

/** Finer numbers of INVALID_REQUEST, the code that says least. */
export const INVALID_REQUEST_CAUSE = { paid: 268449538, otherParams: 268498688, expired: 268447914 } as const;

export class PayError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: ErrorDetail | undefined;
  readonly finerNumber: number;

  constructor(code: keyof typeof known, message: string, detail?: ErrorDetail, finerNumber?: number) {
    super(message);
    this.status = known[code].status;
    this.code = code;
    this.detail = detail;
    this.finerNumber = finerNumber ?? known[code].cause;
  }
}

export interface PayReply extends Reply {
  readonly finerNumber: number;
  /** Files are not signed. */
  readonly unsigned?: true;
}

export function payReply(status: number, value?: unknown): PayReply {
  return { ...(value === undefined ? { status } : json(status, value)), finerNumber: 0 };
}

/** @throws the error itself when it is none of ours. */
export function toPayReply(error: unknown): PayReply {
  if (error instanceof InvalidInput) return toPayReply(paramError(error));
  if (!(error instanceof PayError)) throw error;
  const { status, code, message, detail, finerNumber } = error;
  return { ...json(status, { code, message, detail }), finerNumber };
}

function paramError({ problem, message }: InvalidInput): PayError {
  return new PayError('PARAM_ERROR', message, { ...problem, location: 'body' });
}
