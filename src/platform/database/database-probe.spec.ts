import { glob } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DatabaseProbe } from './database-probe.js';
import type { DatabaseConfig } from './database.config.js';

vi.mock('pg', () => ({
  Client: class {
    on = (): void => undefined;
    connect = async (): Promise<void> => undefined;
    end = async (): Promise<void> => undefined;
    query = async (): Promise<object> => ({ rows: [{ name: 'CreateStock1' }] });
  },
}));
vi.mock('node:fs/promises', () => ({ glob: vi.fn<typeof glob>() }));

async function* files(...names: readonly string[]): AsyncGenerator<string> {
  yield* names;
}

async function* failing(): AsyncGenerator<string> {
  yield await Promise.reject<string>(new Error('EMFILE: too many open files'));
}

describe('DatabaseProbe', () => {
  const found = vi.mocked(glob);
  const probe = (): DatabaseProbe => new DatabaseProbe({ url: '' } as DatabaseConfig);
  afterEach(() => found.mockReset());

  it('tells which migrations are missing, and reads the folders once', async () => {
    found.mockImplementation((() => files('a/1-create-stock.js', 'b/2-create-outbox.js')) as never);
    const one = probe();
    expect(await one.pendingMigrations(100)).toEqual(['CreateOutbox2']);
    expect(await one.pendingMigrations(100)).toEqual(['CreateOutbox2']);
    expect(found).toHaveBeenCalledOnce();
  });

  it('is not unready for ever because the folders could not be read once', async () => {
    found.mockImplementationOnce(failing as never);
    found.mockImplementation((() => files('a/1-create-stock.js')) as never);
    const one = probe();
    await expect(one.pendingMigrations(100)).rejects.toThrow('EMFILE');
    expect(await one.pendingMigrations(100)).toEqual([]);
  });
});
