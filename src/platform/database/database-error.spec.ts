import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { describe, expect, it } from 'vitest';
import {
  DatabaseUnavailable,
  isLockTimeout,
  isRetryable,
  isUndefinedTable,
  isUniqueViolation,
  translateDatabaseError,
} from './database-error.js';

const failed = (fields: object, message = 'x'): QueryFailedError =>
  new QueryFailedError('select 1', [], Object.assign(new Error(message), fields));

describe('what PostgreSQL says', () => {
  it.each([
    ['08006', 'connection failure'],
    ['53300', 'too many connections'],
    ['57P01', 'administrator shutdown'],
    ['57P03', 'starting up'],
    ['57014', 'statement timeout'],
    ['55P03', 'lock timeout'],
    ['25P03', 'idle in transaction too long'],
    ['25006', 'read only after a failover'],
    ['40001', 'serialization failure, time and again'],
    ['40P01', 'deadlock, time and again'],
    ['ECONNREFUSED', 'nobody listens'],
    ['ECONNRESET', 'connection reset'],
    ['ETIMEDOUT', 'no answer at all'],
  ])('%s (%s) means: not now', code => {
    expect(translateDatabaseError(failed({ code }))).toBeInstanceOf(DatabaseUnavailable);
  });

  it.each([
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection terminated unexpectedly'),
    new Error('Client has encountered a connection error and is not queryable'),
    new QueryRunnerAlreadyReleasedError(),
  ])('is told from the driver’s words where there is no code: %s', error => {
    expect(translateDatabaseError(error)).toBeInstanceOf(DatabaseUnavailable);
  });

  it.each(['23505', '42P01', '22P02', '42601'])('%s is our mistake and stays an internal error', code => {
    const error = failed({ code });
    expect(translateDatabaseError(error)).toBe(error);
  });

  it('leaves alone what is no error of the database', () => {
    for (const thrown of [new Error('a bug'), 'a string', null])
      expect(translateDatabaseError(thrown)).toBe(thrown);
    const refusal = new DatabaseUnavailable(null);
    expect(translateDatabaseError(refusal)).toBe(refusal);
  });

  it('says what may be tried again, what collided, and what waited too long', () => {
    expect(['40001', '40P01', '23505', '55P03'].map(code => isRetryable(failed({ code })))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(isUniqueViolation(failed({ code: '23505', constraint: 'users_pkey' }), 'users_pkey')).toBe(true);
    expect(isUniqueViolation(failed({ code: '23505', constraint: 'other' }), 'users_pkey')).toBe(false);
    expect(isLockTimeout(failed({ code: '55P03' }))).toBe(true);
    expect(isUndefinedTable(failed({ code: '42P01' }))).toBe(true);
  });
});
