import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { pinoOptions } from './pino-options.js';

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

  it('tells that Redis refused, but not the command with its password', async () => {
    const refused = Object.assign(new Error('WRONGPASS invalid username-password pair'), {
      name: 'ReplyError',
      command: { name: 'auth', args: ['hidden'] },
    });
    const line = written({ err: new Error('no queue', { cause: refused }) });
    expect(line).toContain('WRONGPASS');
    expect(line).not.toContain('hidden');
  });

  it('says what was thrown when it is no error', () => {
    expect(written({ err: 'a text' })).toContain('a text');
    expect(written({ err: { openid: 'hidden', answer: 'hidden' } })).not.toContain('hidden');
  });
});
