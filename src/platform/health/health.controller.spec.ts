import { describe, expect, it } from 'vitest';
import { HealthController } from './health.controller.js';
import type { Readiness } from './readiness.js';

describe('a process that has started once', () => {
  it('is not restarted because PostgreSQL is away', async () => {
    let status: 'ok' | 'error' = 'error';
    const readiness = { check: () => Promise.resolve({ status, details: {} }) };
    const controller = new HealthController(readiness as unknown as Readiness);
    const codeOf = async (probe: 'started' | 'ready'): Promise<number> => {
      let sent = 200;
      await controller[probe]({ status: code => (sent = code) });
      return sent;
    };
    expect(await codeOf('started')).toBe(503);
    status = 'ok';
    expect(await codeOf('started')).toBe(200);
    status = 'error';
    expect([await codeOf('ready'), await codeOf('started')]).toEqual([503, 200]);
  });
});
