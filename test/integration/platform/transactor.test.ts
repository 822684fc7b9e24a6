import { setImmediate as turn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { loadSlice } from '../../../src/platform/config/load-config.ts';
import { createDataSource } from '../../../src/platform/database/data-source.ts';
import { DatabaseConfig } from '../../../src/platform/database/database.config.ts';
import {
  DatabaseUnavailable,
  translateDatabaseError,
} from '../../../src/platform/database/database-error.ts';
import { Transactor } from '../../../src/platform/database/transactor.ts';
import { createDatabase } from '../../support/databases.ts';
import { unwatched } from '../../support/observer.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** A place where several runners meet before any of them goes on. */
function barrier(parties: number): () => Promise<void> {
  let missing = parties;
  const { promise, resolve } = Promise.withResolvers<void>();
  return () => {
    missing -= 1;
    if (missing <= 0) resolve();
    return promise;
  };
}

describe('the ambient transaction', () => {
  let database: { url: string; drop(): Promise<void> };
  let observer: pg.Pool;
  const opened: DataSource[] = [];

  beforeAll(async () => {
    // Failed effects and slow statements are what these tests are about: no need to read of them.
    Logger.overrideLogger(false);
    database = await createDatabase(inject('stackEnv')['DATABASE_URL']!);
    observer = new pg.Pool({ connectionString: database.url, max: 2 });
    await observer.query('create table counter (id int primary key, value int not null)');
  });
  beforeEach(async () => {
    await observer.query('truncate counter');
    await observer.query('insert into counter values (1, 0), (2, 0)');
  });
  afterEach(async () => {
    for (const dataSource of opened.splice(0)) await dataSource.destroy();
  });
  afterAll(async () => {
    await observer.end();
    await database.drop();
  });

  async function open(env: Record<string, string> = {}): Promise<Transactor> {
    const config = loadSlice(DatabaseConfig, { DATABASE_URL: database.url, ...env });
    const dataSource = createDataSource(config, [], unwatched());
    await dataSource.initialize();
    opened.push(dataSource);
    return new Transactor(dataSource);
  }

  async function values(): Promise<number[]> {
    const { rows } = await observer.query<{ value: number }>('select value from counter order by id');
    return rows.map(({ value }) => value);
  }

  const add = (transactor: Transactor, id: number, amount = 1): Promise<number> =>
    transactor.execute('update counter set value = value + $2 where id = $1', [id, amount]);

  it('lets a nested call join: one commit for both, none if either fails', async () => {
    const transactor = await open();
    await transactor.run(async () => {
      await add(transactor, 1);
      await transactor.run(() => add(transactor, 2));
      expect(await values()).toEqual([0, 0]);
    });
    expect(await values()).toEqual([1, 1]);
    const failure = transactor.run(async () => {
      await transactor.run(() => add(transactor, 2));
      throw new Error('outer');
    });
    await expect(failure).rejects.toThrow('outer');
    expect(await values()).toEqual([1, 1]);
  });

  it('cannot commit half a decision when the failure of a nested call is swallowed', async () => {
    const transactor = await open();
    const outcome = transactor.run(async () => {
      await add(transactor, 1);
      await transactor.run(() => Promise.reject(new Error('inner'))).catch(() => undefined);
    });
    await expect(outcome).rejects.toThrow('cannot commit');
    expect(await values()).toEqual([0, 0]);
  });

  it('cannot pretend to commit when the failure of a statement is swallowed', async () => {
    const transactor = await open();
    const outcome = transactor.run(async () => {
      await add(transactor, 1);
      await transactor.query('select 1/0').catch(() => undefined);
    });
    await expect(outcome).rejects.toThrow('cannot commit');
    expect(await values()).toEqual([0, 0]);
  });

  it('is one for SQL and for entities', async () => {
    const transactor = await open();
    const addByEntity = (): Promise<unknown> =>
      transactor.manager.query('update counter set value = value + 1 where id = $1', [2]);
    const failing = transactor.run(async () => {
      await add(transactor, 1);
      await addByEntity();
      await transactor.manager.transaction(inner => inner.query('update counter set value = 7 where id = 2'));
      expect(await transactor.query('select value from counter where id = 2')).toEqual([{ value: 7 }]);
      throw new Error('nothing of it');
    });
    await expect(failing).rejects.toThrow('nothing of it');
    expect(await values()).toEqual([0, 0]);
    await transactor.run(async () => void (await Promise.all([add(transactor, 1), addByEntity()])));
    await addByEntity();
    expect(await values()).toEqual([1, 2]);
  });

  it('refuses what comes after its end, when its connection may be somebody else’s', async () => {
    const transactor = await open({ DATABASE_POOL_MAX: '2' });
    const ended = barrier(3);
    let late: Promise<unknown>[] = [];
    await transactor.run(async () => {
      const { manager } = transactor;
      const afterwards = async (work: () => Promise<unknown>): Promise<unknown> => {
        await ended();
        return errorOf(work());
      };
      late = [
        afterwards(() => add(transactor, 1)),
        afterwards(() => manager.query('update counter set value = 9')),
      ];
    });
    await ended();
    for (const error of await Promise.all(late)) expect(error).toBeInstanceOf(Error);
    expect(await values()).toEqual([0, 0]);
  });

  it('says which statement failed, and who sent it', async () => {
    const transactor = await open();
    async function careless(): Promise<void> {
      await transactor.query('select 1/$1::int', [0]);
    }
    for (const work of [careless, () => transactor.run(careless)]) {
      const error = (await errorOf(work())) as Error;
      expect(error).toMatchObject({ driverError: { code: '22012' }, query: 'select 1/$1::int' });
      expect(error.stack).toContain('careless');
    }
  });

  it('needs no second connection', async () => {
    const transactor = await open({ DATABASE_POOL_MAX: '2', DATABASE_ACQUIRE_TIMEOUT: '100ms' });
    const result = await transactor.run(async () => {
      transactor.afterCommit(() => add(transactor, 2).then(() => undefined));
      await Promise.all([add(transactor, 1), transactor.run(() => add(transactor, 1))]);
      return transactor.manager.query('select value from counter where id = 1');
    });
    expect(result).toEqual([{ value: 2 }]);
    expect(await values()).toEqual([2, 1]);
  });

  it('runs after-commit effects in order, after the commit, and one failure stops no other', async () => {
    const transactor = await open();
    const seen: string[] = [];
    await transactor.run(async () => {
      await add(transactor, 1);
      transactor.afterCommit(async () => void seen.push(`first sees ${(await values())[0]}`));
      transactor.afterCommit(() => Promise.reject(new Error('no matter')));
      transactor.afterCommit(() => void seen.push(`second, open: ${transactor.isOpen}`));
      seen.push('inside');
    });
    expect(seen).toEqual(['inside', 'first sees 1', 'second, open: false']);
  });

  it('forgets after-commit effects of a transaction that rolled back', async () => {
    const transactor = await open();
    const seen: string[] = [];
    const failing = transactor.run(async () => {
      transactor.afterCommit(() => void seen.push('never'));
      await transactor.query('select 1/0');
    });
    await expect(failing).rejects.toThrow('division by zero');
    expect(seen).toEqual([]);
  });

  it('repeats the whole work in a new transaction after a deadlock, and its effects happen once', async () => {
    const transactor = await open();
    const meet = barrier(2);
    let runs = 0;
    const effects: string[] = [];
    const transfer = (from: number, to: number): Promise<void> =>
      transactor.run(async () => {
        runs += 1;
        transactor.afterCommit(() => void effects.push(`${from}→${to}`));
        await add(transactor, from, -1);
        await meet();
        await add(transactor, to, 1);
      });
    await Promise.all([transfer(1, 2), transfer(2, 1)]);
    expect(runs).toBe(3);
    expect(await values()).toEqual([0, 0]);
    expect(effects.sort()).toEqual(['1→2', '2→1']);
  });

  it('repeats after a serialization failure and loses no update', async () => {
    const transactor = await open();
    const meet = barrier(2);
    let runs = 0;
    const increment = (): Promise<void> =>
      transactor.run(async () => {
        runs += 1;
        await transactor.query('set transaction isolation level repeatable read');
        const [row] = await transactor.query<{ value: number }>('select value from counter where id = 1');
        await meet();
        await transactor.execute('update counter set value = $1 where id = 1', [row!.value + 1]);
      });
    await Promise.all([increment(), increment()]);
    expect(runs).toBe(3);
    expect((await values())[0]).toBe(2);
  });

  it('gives up after three tries, and does not repeat what is no conflict', async () => {
    const transactor = await open();
    let runs = 0;
    const conflict = `do $$ begin raise exception 'always' using errcode = '40001'; end $$`;
    const always = transactor.run(() => (runs++, transactor.query(conflict)));
    await expect(always).rejects.toThrow('always');
    expect(runs).toBe(3);
    runs = 0;
    await expect(transactor.run(() => (runs++, transactor.query('select 1/0')))).rejects.toThrow('zero');
    expect(runs).toBe(1);
  });

  it('is ended by PostgreSQL when its process forgets it, and holds no lock for ever', async () => {
    const transactor = await open({ DATABASE_IDLE_IN_TRANSACTION_TIMEOUT: '100ms' });
    const isHeld = async (): Promise<boolean> => {
      const sql = 'select from counter where id = 1 for update skip locked';
      return (await observer.query(sql)).rowCount === 0;
    };
    let wasFreed = false;
    const forgotten = transactor.run(async () => {
      await add(transactor, 1);
      expect(await isHeld()).toBe(true);
      await until('the lock is free', async () => !(await isHeld()));
      wasFreed = true;
    });
    await expect(forgotten).rejects.toThrow();
    expect(wasFreed).toBe(true);
    expect(await values()).toEqual([0, 0]);
  });

  it('moves to a new connection when the old one has served its time', async () => {
    const transactor = await open({ DATABASE_MAX_LIFETIME: '1s' });
    const [first] = await transactor.query<{ pid: number }>('select pg_backend_pid() as pid');
    const isThere = async (): Promise<boolean> => {
      const sql = 'select from pg_stat_activity where pid = $1';
      return (await observer.query(sql, [first!.pid])).rowCount === 1;
    };
    expect(await isThere()).toBe(true);
    await until('the connection is gone', async () => !(await isThere()));
    await transactor.query('select 1');
  });

  it('keeps transactions side by side apart', async () => {
    const transactor = await open({ DATABASE_POOL_MAX: '10' });
    const work = async (index: number): Promise<void> => {
      const id = async (): Promise<string> =>
        (await transactor.query<{ id: string }>('select pg_current_xact_id()::text as id'))[0]!.id;
      await transactor.run(async () => {
        const first = await id();
        for (let count = 0; count < index % 3; count++) await turn();
        expect(await id()).toBe(first);
        if (index % 2) throw new Error('rolled back');
        await add(transactor, 1);
      });
    };
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => work(index)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect((await values())[0]).toBe(10);
  });

  it('gives every connection back: 50 statements and 50 failures pass through a pool of 2', async () => {
    const transactor = await open({ DATABASE_POOL_MAX: '2', DATABASE_ACQUIRE_TIMEOUT: '20s' });
    const fine = Array.from({ length: 50 }, () => transactor.query('select pg_sleep(0.002)'));
    const failing = Array.from({ length: 50 }, () => errorOf(transactor.query('select 1/0')));
    const transactions = Array.from({ length: 20 }, () =>
      errorOf(transactor.run(() => transactor.query('select 1/0'))),
    );
    expect(await Promise.all(fine)).toHaveLength(50);
    await Promise.all([...failing, ...transactions]);
    expect(await transactor.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('calls a lock that is not free in time and a slow statement unavailable', async () => {
    const transactor = await open({ DATABASE_LOCK_TIMEOUT: '100ms', DATABASE_STATEMENT_TIMEOUT: '1s' });
    const holder = await observer.connect();
    await holder.query('begin');
    await holder.query('select * from counter where id = 1 for update');
    const locked = await errorOf(transactor.run(() => add(transactor, 1)));
    await holder.query('rollback');
    holder.release();
    const slow = await errorOf(transactor.query('select pg_sleep(60)'));
    expect([locked, slow]).toMatchObject([{ code: '55P03' }, { code: '57014' }]);
    for (const error of [locked, slow])
      expect(translateDatabaseError(error)).toBeInstanceOf(DatabaseUnavailable);
  });

  it('calls a full pool unavailable without waiting until it has room', async () => {
    const transactor = await open({
      DATABASE_POOL_MAX: '2',
      DATABASE_ACQUIRE_TIMEOUT: '1s',
      DATABASE_IDLE_IN_TRANSACTION_TIMEOUT: '60s',
    });
    const taken = barrier(3);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const holding = Array.from({ length: 2 }, () =>
      transactor.run(async () => {
        await transactor.query('select 1');
        await taken();
        await held;
      }),
    );
    await taken();
    const full = await errorOf(transactor.query('select 1'));
    release();
    await Promise.all(holding);
    expect(translateDatabaseError(full)).toBeInstanceOf(DatabaseUnavailable);
  });

  it('calls a connection lost in the middle of a transaction unavailable, and goes on with another', async () => {
    const transactor = await open({ DATABASE_POOL_MAX: '2' });
    const error = await errorOf(
      transactor.run(async () => {
        const [{ pid } = { pid: 0 }] = await transactor.query<{ pid: number }>(
          'select pg_backend_pid() as pid',
        );
        await observer.query('select pg_terminate_backend($1, 5000)', [pid]);
        await add(transactor, 1);
      }),
    );
    expect(translateDatabaseError(error)).toBeInstanceOf(DatabaseUnavailable);
    await add(transactor, 2);
    expect(await values()).toEqual([0, 1]);
  });

  it('never runs a later write inside the transaction that a stalled server left open', async () => {
    const proxy = await startTcpProxy(new URL(database.url));
    const viaProxy = new URL(database.url);
    viaProxy.port = `${proxy.port}`;
    const transactor = await open({
      DATABASE_URL: viaProxy.href,
      DATABASE_POOL_MAX: '2',
      DATABASE_POOL_MIN: '0',
      DATABASE_STATEMENT_TIMEOUT: '1s',
    });
    let isStranded = false;
    const error = await errorOf(
      transactor.run(async () => {
        await add(transactor, 1);
        proxy.strand();
        isStranded = true;
        await add(transactor, 1);
      }),
    );
    proxy.release();
    expect(isStranded).toBe(true);
    expect(translateDatabaseError(error)).toBeInstanceOf(DatabaseUnavailable);
    for (let i = 0; i < 3; i++) expect(await add(transactor, 2)).toBe(1);
    expect(await values()).toEqual([0, 3]);
    for (const dataSource of opened.splice(0)) await dataSource.destroy();
    await proxy.close();
  });
});
