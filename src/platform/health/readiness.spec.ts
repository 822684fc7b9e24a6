import { Logger } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DatabaseProbe } from '../database/database-probe.js';
import { Drain } from '../lifecycle/drain.js';
import { OptionalServices, Readiness, type HealthReport } from './readiness.js';

describe('Readiness', () => {
  let pendingMigrations = (): Promise<readonly string[]> => Promise.resolve([]);
  const asked = vi.fn<() => Promise<readonly string[]>>(() => pendingMigrations());
  let warn = vi.spyOn(Logger.prototype, 'warn');
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
    asked.mockClear();
    warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  async function create({ isDraining = false } = {}): Promise<Readiness> {
    const module = await Test.createTestingModule({
      imports: [TerminusModule.forRoot({ logger: false })],
      providers: [
        Readiness,
        { provide: DatabaseProbe, useValue: { pendingMigrations: asked } },
        { provide: OptionalServices, useValue: { all: () => [] } },
        { provide: Drain, useValue: { isDraining } },
      ],
    }).compile();
    return module.get(Readiness);
  }

  /** Past the second for which the last answer is kept. */
  function askAgain(readiness: Readiness): Promise<HealthReport> {
    vi.setSystemTime(Date.now() + 1_100);
    return readiness.check();
  }

  it('sends traffic elsewhere as soon as the process is on its way out, and asks PostgreSQL nothing more', async () => {
    const readiness = await create({ isDraining: true });
    pendingMigrations = () => Promise.resolve([]);
    expect(await readiness.check()).toEqual({ status: 'shutting_down', details: {} });
    expect(asked).not.toHaveBeenCalled();
  });

  it('tells nobody outside what the driver says, and the log once each time it changes', async () => {
    const readiness = await create();
    pendingMigrations = () => Promise.reject(new Error('no pg_hba.conf entry for host "10.1.2.3"'));
    for (let turn = 0; turn < 3; turn++) {
      const report = await askAgain(readiness);
      expect(report.details).toMatchObject({ postgres: { status: 'down', message: 'unavailable' } });
      expect(JSON.stringify(report)).not.toContain('10.1.2.3');
    }
    pendingMigrations = () => Promise.resolve(['CreateOutbox1']);
    expect(JSON.stringify(await askAgain(readiness))).not.toContain('CreateOutbox1');
    expect(asked).toHaveBeenCalledTimes(4);
    expect(warn.mock.calls.map(([text]) => text as string)).toEqual([
      expect.stringContaining('10.1.2.3'),
      expect.stringContaining('CreateOutbox1'),
    ]);
  });
});
