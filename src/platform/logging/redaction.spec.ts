import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { pinoOptions } from './logging.module.js';

/** The line that the shop's own logger writes. */
function written(fields: object): string {
  let text = '';
  const destination = { write: (line: string) => void (text += line) };
  pino(pinoOptions({ level: 'info', service: 'shop' }), destination).warn(fields, 'message');
  return text;
}

describe('a log line', () => {
  it.each([
    ['at the top', { openid: 'hidden' }],
    ['in an object', { user: { phone: 'hidden' } }],
    ['two levels down', { request: { headers: { authorization: 'Bearer hidden' } } }],
    [
      'of the session',
      { session_key: 'hidden', sessionKey: 'hidden', refreshToken: 'hidden', js_code: 'hidden' },
    ],
  ])('hides a secret %s', (_, fields) => {
    expect(written(fields)).not.toContain('hidden');
    expect(written(fields)).toContain('[redacted]');
  });

  it('tells which statement failed, but not on whose data', () => {
    const detail = 'Key (openid)=(hidden) already exists.';
    const driverError = Object.assign(new Error('duplicate key'), { code: '23505', detail });
    // As TypeORM throws it.
    const fields = { query: 'insert into users', parameters: ['hidden'], driverError, detail };
    const line = written({ err: Object.assign(new Error('duplicate key'), fields) });
    expect(line).toContain('duplicate key');
    expect(line).toContain('insert into users');
    expect(line).not.toContain('hidden');
  });
});
