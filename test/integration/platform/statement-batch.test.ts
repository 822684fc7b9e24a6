import pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { poolOf } from '../../../src/platform/database/data-source.ts';
import {
  DatabaseUnavailable,
  translateDatabaseError,
} from '../../../src/platform/database/database-error.ts';
import type { PoolClient } from '../../../src/platform/database/pool-client.ts';
import { Transactor } from '../../../src/platform/database/transactor.ts';
import { ownDatabase } from '../../support/own-database.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

/** What each message to PostgreSQL goes through; left out of the declarations. */
const { Connection } = pg as unknown as {
  readonly Connection: { readonly prototype: { sync(): void; query(sql: string): void } };
};

describe('statements that are sent in one turn of a transaction', () => {
  const own = ownDatabase();
  let dataSource: DataSource;
  let transactor: Transactor;

  beforeEach(async () => {
    await own.outsider.query(
      'drop table if exists shelf; create table shelf (id int primary key, units int)',
    );
    await open();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await dataSource.destroy();
  });

  async function open(env: Record<string, string> = {}): Promise<void> {
    dataSource = await own.open({ DATABASE_POOL_MAX: '1', ...env });
    transactor = new Transactor(dataSource);
  }

  async function reopen(env?: Record<string, string>): Promise<void> {
    if (dataSource.isInitialized) await dataSource.destroy();
    await open(env);
  }

  const put = (id: number, units = id * 10): Promise<number> =>
    transactor.execute('insert into shelf values ($1, $2)', [id, units]);
  const read = (id: number): Promise<unknown[]> =>
    transactor.query('select * from shelf where id = $1', [id]);
  const fail = (): Promise<unknown[]> => transactor.query('select 1 / $1::int', [0]);
  const shelf = async (): Promise<unknown[]> =>
    (await own.outsider.query<{ id: number }>('select id from shelf order by id')).rows.map(({ id }) => id);

  it('go as one message with the begin, run in their order, and get each its own answer', async () => {
    const ends = vi.spyOn(Connection.prototype, 'sync');
    const [, one, changed, both] = await transactor.run(() =>
      Promise.all([put(1), read(1), put(2), transactor.query('select id from shelf order by id')]),
    );
    expect([one, changed, both]).toEqual([[{ id: 1, units: 10 }], 1, [{ id: 1 }, { id: 2 }]]);
    expect(ends).toHaveBeenCalledTimes(1);
  });

  it('are skipped once one of them has failed, and the first failure is what is told', async () => {
    let outcomes: PromiseSettledResult<unknown>[] = [];
    const failing = transactor.run(async () => {
      const sent = [put(1), fail(), put(2), read(1)];
      outcomes = await Promise.allSettled(sent);
      await Promise.all(sent);
    });
    await expect(failing).rejects.toThrow('division by zero');
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
    for (const { reason } of outcomes.slice(2) as PromiseRejectedResult[])
      expect(reason).toMatchObject({
        message: expect.stringMatching('before this one has failed') as string,
      });
    expect(await shelf()).toEqual([]);
  });

  it('leave a connection that goes on working, whatever it knew of their plans', async () => {
    for (let time = 0; time < 4; time++) {
      await expect(transactor.run(() => Promise.all([put(1), fail(), read(1)]))).rejects.toThrow('division');
    }
    expect(await transactor.run(() => Promise.all([put(1), read(1)]))).toEqual([1, [{ id: 1, units: 10 }]]);
    expect(await read(1)).toEqual([{ id: 1, units: 10 }]);
    expect(poolOf(dataSource).counts).toMatchObject({ opened: 1, lost: 0 });
  });

  it('run again, all of them, in a new transaction after a plan of theirs went stale', async () => {
    for (let id = 0; id < 3; id++) await transactor.run(() => Promise.all([put(id), read(id)]));
    await own.outsider.query('alter table shelf add column place text');
    const [, rows] = await transactor.run(() => Promise.all([put(9), read(9)]));
    expect(rows).toEqual([{ id: 9, units: 90, place: null }]);
    expect(await shelf()).toEqual([0, 1, 2, 9]);
  });

  it('are all refused, and nobody gets the answer of another, when one of them cannot be written down', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const mixed = transactor.run(() =>
      Promise.all([put(1), transactor.query('select $1::jsonb', [circular]), read(1)]),
    );
    await expect(mixed).rejects.toThrow('circular');
    const own = [1, 2, 3].map(n => transactor.query('select $1::int as own', [n]));
    expect(await Promise.all(own)).toEqual([[{ own: 1 }], [{ own: 2 }], [{ own: 3 }]]);
    expect(await shelf()).toEqual([]);
  });

  it('run again after a deadlock, however deep the one that failed lies in the work', async () => {
    await own.outsider.query(`create or replace function collide() returns int language plpgsql as
      $$ begin raise exception using errcode = '40P01', message = 'deadlock detected'; end $$`);
    const deep = async (): Promise<unknown> => {
      const rows = await (async () => (await transactor.query('select collide()')).map(row => row))();
      return rows;
    };
    let tries = 0;
    const failing = transactor.run(() => {
      tries += 1;
      return Promise.all([deep(), read(1)]);
    });
    await expect(failing).rejects.toThrow();
    expect(tries).toBe(3);
  });

  it('run in a new transaction when the connection has forgotten its plans', async () => {
    for (let time = 0; time < 3; time++) await transactor.run(() => read(1));
    await transactor.execute('deallocate all');
    expect(await transactor.run(() => Promise.all([put(1), read(1)]))).toEqual([1, [{ id: 1, units: 10 }]]);
  });

  it('may take as long as each of them may, together', async () => {
    await reopen({ DATABASE_STATEMENT_TIMEOUT: '500ms' });
    const sleep = () => transactor.query('select pg_sleep($1)', [0.35]);
    await transactor.run(() => Promise.all([sleep(), sleep(), sleep(), sleep()]));
    expect(poolOf(dataSource).counts).toMatchObject({ lost: 0 });
  });

  it('are told that PostgreSQL is away when it stalls before the first of them', async () => {
    const proxy = await startTcpProxy(new URL(own.url));
    const viaProxy = new URL(own.url);
    viaProxy.port = `${proxy.port}`;
    await reopen({ DATABASE_URL: viaProxy.href, DATABASE_STATEMENT_TIMEOUT: '100ms' });
    proxy.strand();
    const stalled = transactor.run(() => put(1)).catch(translateDatabaseError);
    expect(await stalled).toBeInstanceOf(DatabaseUnavailable);
    proxy.release();
    await dataSource.destroy();
    await proxy.close();
    await reopen();
  });

  it('belong to the transaction although nobody waits for them', async () => {
    await transactor.run(async () => {
      await read(1);
      void put(1);
    });
    expect(await shelf()).toEqual([1]);
    const undone = transactor.run(async () => {
      void put(2);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await shelf()).toEqual([1]);
  });

  it('are nothing that PostgreSQL hears of when there are none', async () => {
    const heard = vi.spyOn(Connection.prototype, 'query');
    expect(await transactor.run(async () => 7)).toBe(7);
    await expect(transactor.run(() => Promise.reject(new Error('before')))).rejects.toThrow('before');
    expect(heard).not.toHaveBeenCalled();
  });

  it('are never followed by others outside a transaction when the begin itself has failed', async () => {
    const client = (await poolOf(dataSource).connect()) as PoolClient;
    const [begun] = client.batch([{ sql: 'select 1 / 0', values: [], isVital: true }]);
    const after = client.query('insert into shelf values (1, 1)').catch((error: unknown) => error);
    await expect(begun).rejects.toThrow('division by zero');
    expect(await after).toBeInstanceOf(Error);
    client.release(true);
    expect(await shelf()).toEqual([]);
  });

  describe('or of reads outside one', () => {
    const both = (first: number, second: number) =>
      transactor.reads(() => Promise.all([read(first), read(second)]));
    beforeEach(() => own.outsider.query('insert into shelf values (1, 10), (2, 20)'));

    it('share one message and one connection', async () => {
      const ends = vi.spyOn(Connection.prototype, 'sync');
      expect(await both(1, 2)).toEqual([[{ id: 1, units: 10 }], [{ id: 2, units: 20 }]]);
      expect(ends).toHaveBeenCalledTimes(1);
    });

    it('are those of the transaction inside one', async () => {
      const inside = await transactor.run(async () => {
        await put(3);
        return both(3, 4);
      });
      expect(inside).toEqual([[{ id: 3, units: 30 }], []]);
    });

    it('are those of the reads around them', async () => {
      expect(await transactor.reads(() => both(1, 2))).toHaveLength(2);
    });

    it('run again, all of them, after a plan of theirs went stale', async () => {
      for (let time = 0; time < 3; time++) await both(1, 2);
      await own.outsider.query('alter table shelf add column place text');
      expect(await both(1, 2)).toMatchObject([[{ place: null }], [{ place: null }]]);
    });

    it('keep their connection after a statement that PostgreSQL refuses', async () => {
      await expect(transactor.reads(() => Promise.all([fail(), read(1)]))).rejects.toThrow(
        'division by zero',
      );
      expect(await both(1, 2)).toHaveLength(2);
      expect(poolOf(dataSource).counts).toMatchObject({ opened: 1, lost: 0 });
    });

    it('open a transaction of its own on another connection', async () => {
      await reopen({ DATABASE_POOL_MAX: '2' });
      await transactor.reads(() => Promise.all([read(1), transactor.run(() => put(5))]));
      expect(await shelf()).toEqual([1, 2, 5]);
    });

    it('leave who asks after their end a connection of his own', async () => {
      const late: Promise<unknown>[] = [];
      await transactor.reads(async () => {
        setImmediate(() => late.push(read(2)));
        await Promise.resolve();
      });
      await vi.waitFor(() => expect(late).toHaveLength(1));
      expect(await late[0]).toEqual([{ id: 2, units: 20 }]);
    });
  });
});
