import pg from 'pg';
import { QueryFailedError } from 'typeorm';
import { AppError } from '../../kernel/app-error.js';
import { isStalePlan } from './prepared-statements.js';
import { StatementSkipped } from './statement-batch.js';

/** PostgreSQL cannot do it now: down, full, or too slow. Safe to retry when the request is idempotent. */
export class DatabaseUnavailable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'database.unavailable';
  override readonly retryAfterSeconds = 1;

  constructor(cause: unknown) {
    super('PostgreSQL did not answer in time', { cause });
  }
}

interface DriverError {
  readonly code?: string;
  readonly constraint?: string;
  readonly message: string;
}

/** Of a statement that was skipped, the error of the one before it: whoever of the two is heard, it means the same. */
function driverError(error: unknown): DriverError | null {
  const told: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const first = told instanceof StatementSkipped ? told.cause : told;
  return first instanceof Error ? first : null;
}

/** No connection was to be had: whoever asks again waits again. */
export function isOutOfConnections(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true;
  return /timeout exceeded when trying to connect/.test(driverError(error)?.message ?? '');
}

/**
 * Class 08 connection, 53 resources, 57 operator intervention (57014: statement timeout), 55P03 lock timeout,
 * 25P03 idle in transaction too long, 25006 read only after a failover, 40001 and 40P01 when even the repeats collided.
 */
const unavailableState =
  /^(08|53|57P|57014|55P03|25P03|25006|40001|40P01|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)/;
/** TypeORM says "already released" when the connection broke between two statements of a transaction. */
const unavailableText =
  /timeout exceeded when trying to connect|Connection terminated|connection error|Query runner already released/i;

/** The same error, or `DatabaseUnavailable` where the driver says that PostgreSQL cannot serve now. */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const cause = driverError(error);
  if (!cause) return error;
  const unavailable = unavailableState.test(cause.code ?? '') || unavailableText.test(cause.message);
  return unavailable ? new DatabaseUnavailable(error) : error;
}

/** SQLSTATE 23505 on the named constraint or unique index. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  const cause = driverError(error);
  return cause?.code === '23505' && cause.constraint === constraint;
}

/** SQLSTATE 55P03: `lock_timeout` ran out. */
export function isLockTimeout(error: unknown): boolean {
  return driverError(error)?.code === '55P03';
}

/** SQLSTATE 42P01: the migrations have not run. */
export function isUndefinedTable(error: unknown): boolean {
  return driverError(error)?.code === '42P01';
}

/** SQLSTATEs after which PostgreSQL hangs up: an operator's end of the session, and of one that idled in a transaction. */
const lastWords = /^(57P|25P03)/;

/** What PostgreSQL has not said itself, or said as its last word: the connection is not to be used again. */
export function isBroken(error: unknown): boolean {
  if (error === undefined) return false;
  const cause = driverError(error);
  return !(cause instanceof pg.DatabaseError) || lastWords.test(cause.code ?? '');
}

/** SQLSTATE 40001 serialization failure, 40P01 deadlock, a plan gone stale: the whole transaction may run again. */
export function isRetryable(error: unknown): boolean {
  const cause = driverError(error);
  return cause?.code === '40001' || cause?.code === '40P01' || (cause !== null && isStalePlan(cause));
}
