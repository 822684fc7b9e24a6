import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { AccessLog, type AccessLine } from './access-log.js';
import { pinoOptions } from './pino-options.js';

const service = 'the "shop"';
const served = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  requestId: '0196f3e2-6f3b-7c1d-8f4e-2a1b3c4d5e6f',
  userId: '0196f3e2-6f3b-7c1d-8f4e-2a1b3c4d5e70',
  method: 'GET',
  route: '/api/v1/products/:id',
  status: 200,
  ms: 1.2,
  ip: '203.0.113.7',
} satisfies AccessLine;
const refused = {
  traceId: 'b'.repeat(32),
  requestId: 'b'.repeat(32),
  route: 'malformed',
  status: 400,
  code: 'x.y',
};

function written(line: AccessLine): string[] {
  const lines: string[] = [];
  new AccessLog({ writeSoon: text => lines.push(text) }, service, () => true).write(line);
  return lines;
}

/** The same line as the logger would write it. */
function byTheLogger(line: AccessLine): unknown {
  const lines: string[] = [];
  const { traceId, requestId, userId, staffId, ...fields } = line;
  const message = [line.method, line.route, line.status].filter(part => part !== undefined).join(' ');
  pino(pinoOptions({ level: 'info', service }), { write: text => lines.push(text) }).info(
    {
      trace_id: traceId,
      request_id: requestId,
      user_id: userId,
      staff_id: staffId,
      ...fields,
      context: 'Access',
    },
    message,
  );
  return JSON.parse(lines[0]!);
}

describe('the access line', () => {
  it.each<[string, AccessLine]>([
    ['a request', served],
    [
      'a request of staff that failed',
      { ...served, userId: undefined, staffId: served.userId, status: 409, code: 'a.b' },
    ],
    ['a refusal', refused],
    ['names that need care', { ...served, route: '/a"b\\c\n\u2028', ip: 'fe80::1%"eth0"', code: '代码' }],
  ])('says of %s what the logger would say, in one line', (_, line) => {
    const lines = written(line);
    expect(lines).toHaveLength(1);
    expect(lines[0]!.match(/\n/g)).toHaveLength(1);
    const { time, ...said } = JSON.parse(lines[0]!) as Record<string, unknown>;
    const { time: _time, ...expected } = byTheLogger(line) as Record<string, unknown>;
    expect(said).toEqual(expected);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('says when, also of the next millisecond', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 25) });
    const lines: string[] = [];
    const log = new AccessLog({ writeSoon: text => lines.push(text) }, service, () => true);
    for (const ms of [0, 0, 1]) {
      vi.setSystemTime(Date.now() + ms);
      log.write(served);
    }
    vi.useRealTimers();
    const times = lines.map(text => (JSON.parse(text) as { readonly time: string }).time);
    const [first, next] = ['2026-11-25T00:00:00.000Z', '2026-11-25T00:00:00.001Z'];
    expect(times).toEqual([first, first, next]);
  });

  it('is not put together when nobody wants it', () => {
    const lines: string[] = [];
    new AccessLog({ writeSoon: text => lines.push(text) }, service, () => false).write(served);
    expect(lines).toEqual([]);
  });
});
