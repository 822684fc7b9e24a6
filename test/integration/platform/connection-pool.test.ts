import { Logger } from '@nestjs/common';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionPool } from '../../../src/platform/database/connection-pool.ts';
import { poolOf } from '../../../src/platform/database/data-source.ts';
import {
  DatabaseUnavailable,
  translateDatabaseError,
} from '../../../src/platform/database/database-error.ts';
import { startApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { ownDatabase } from '../../support/own-database.ts';
import { Shopper } from '../../support/shopper.ts';
import { until } from '../../support/until.ts';

describe('the pool', () => {
  const own = ownDatabase();
  let dataSource: DataSource;
  let pool: ConnectionPool;

  afterEach(() => dataSource.destroy());

  async function open(env: Record<string, string> = {}): Promise<void> {
    dataSource = await own.open(env);
    pool = poolOf(dataSource);
  }

  async function openWarm(env: Record<string, string>): Promise<void> {
    await open(env);
    pool.keepWarm();
    await until('it is warm', () => pool.idleCount === pool.options.min);
  }

  const pids = async (): Promise<number[]> => {
    const sql = `select pid from pg_stat_activity where application_name = 'minnow' and datname = current_database()`;
    return (await own.outsider.query<{ pid: number }>(sql)).rows.map(({ pid }) => pid);
  };

  it('opens its minimum before somebody needs it, never two at once', async () => {
    await open({ DATABASE_POOL_MAX: '6', DATABASE_POOL_MIN: '5' });
    const inUseOrOnTheWay: number[] = [];
    pool.on('connect', () => inUseOrOnTheWay.push(pool.totalCount - pool.idleCount));
    pool.keepWarm();
    await until('it is warm', () => pool.idleCount === 5);
    expect(inUseOrOnTheWay).toEqual([1, 1, 1, 1]);
    expect(await pids()).toHaveLength(5);
  });

  it('never opens more than it may have, whatever the minimum says', async () => {
    await openWarm({ DATABASE_POOL_MAX: '2', DATABASE_POOL_MIN: '9' });
    expect(await pids()).toHaveLength(2);
  });

  it('has its minimum again after all of it was lost, though nobody asks', async () => {
    await openWarm({ DATABASE_POOL_MAX: '3', DATABASE_POOL_MIN: '3' });
    const before = await pids();
    await own.outsider.query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [before]);
    await until('all are lost', () => pool.counts.lost === 3);
    await until('it is warm again', () => pool.idleCount === 3);
    expect((await pids()).filter(pid => before.includes(pid))).toEqual([]);
    expect(pool.counts).toEqual({ opened: 6, lost: 3, retired: 0, refused: 0 });
  });

  it('counts what is given back as broken among the lost', async () => {
    await openWarm({ DATABASE_POOL_MAX: '1' });
    (await pool.connect()).release(true);
    await until('it is warm again', () => pool.idleCount === 1);
    expect(pool.counts).toMatchObject({ opened: 2, lost: 1, retired: 0 });
  });

  it('replaces what is old, though nobody asks', async () => {
    await openWarm({ DATABASE_POOL_MAX: '2', DATABASE_POOL_MIN: '2', DATABASE_MAX_LIFETIME: '1s' });
    await until('both have served their time', () => pool.counts.retired >= 2);
    await until('it is warm again', () => pool.idleCount === 2);
    expect(pool.counts.lost).toBe(0);
  });

  it('gives no two connections the same lifetime, and none a longer one than was said', async () => {
    await open({ DATABASE_MAX_LIFETIME: '1000s' });
    const lifetimes = Array.from({ length: 100 }, () => pool.options.maxLifetimeSeconds);
    expect(new Set(lifetimes).size).toBe(100);
    expect(Math.min(...lifetimes)).toBeGreaterThan(900);
    expect(Math.max(...lifetimes)).toBeLessThanOrEqual(1_000);
  });

  it('refuses at once who is too many to wait, by either way of asking, and serves the others', async () => {
    await open({
      DATABASE_POOL_MAX: '1',
      DATABASE_MAX_WAITING: '2',
      DATABASE_ACQUIRE_TIMEOUT: '20s',
    });
    const holder = await pool.connect();
    const waiting = [pool.connect(), pool.connect()];
    const refused = await Promise.allSettled([pool.connect(), dataSource.createQueryRunner().connect()]);
    expect(pool.waitingCount).toBe(2);
    holder.release();
    for (const waiter of waiting) (await waiter).release();
    for (const one of refused) {
      expect(one.status).toBe('rejected');
      const { reason } = one as PromiseRejectedResult;
      expect(translateDatabaseError(reason)).toBeInstanceOf(DatabaseUnavailable);
    }
    expect(pool.counts.refused).toBe(2);
    (await pool.connect()).release();
  });

  it('lets as many in at one stroke as find a connection, room for one, or room to wait', async () => {
    await open({
      DATABASE_POOL_MAX: '2',
      DATABASE_MAX_WAITING: '3',
      DATABASE_ACQUIRE_TIMEOUT: '20s',
    });
    const all = Array.from({ length: 100 }, async () => (await pool.connect()).release());
    const results = await Promise.allSettled(all);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2 + 3);
  });

  it('tells once of each connection that is kept for long, and from the second on who took it', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    await open({ DATABASE_LEAK_WARNING: '100ms' });
    async function forgetful(): Promise<pg.PoolClient> {
      const client = await pool.connect();
      await client.query('select  1 as   one');
      return client;
    }
    const first = await forgetful();
    await until('it is told', () => pool.leaks === 1);
    const second = await forgetful();
    await until('the second is told', () => pool.leaks === 2);
    // It is the next to be lent, and has not been asked anything by whom it is lent to.
    second.release();
    const runner = dataSource.createQueryRunner();
    await runner.connect();
    await until('the one of TypeORM is told', () => pool.leaks === 3);
    first.release();
    await runner.release();
    const told = warn.mock.calls.map(([line]) => line as { sql?: string; borrower?: string });
    warn.mockRestore();
    expect(told.map(({ sql }) => sql)).toEqual(['select 1 as one', 'select 1 as one', undefined]);
    expect(told[0]!.borrower).toBeUndefined();
    expect(told[1]!.borrower?.split('\n')[2]).toContain('forgetful');
    expect(told[2]!.borrower).toContain('connection-pool.test.ts');
  });
});

describe('a shop with a single connection', () => {
  it('needs no second one while it holds it', async () => {
    const shop = await startApp({ DATABASE_POOL_MAX: '1', DATABASE_ACQUIRE_TIMEOUT: '20s' });
    const { skuId, productId } = await stockGoods(shop.database);
    const shopper = await Shopper.login(shop);
    const order = await shopper.order(skuId);
    await shopper.pay(order.id);
    await until(
      'its payment is known',
      async () => (await shopper.get<{ status: string }>(`/orders/${order.id}`)).body.status === 'paid',
    );
    expect((await shopper.get(`/products/${productId}`)).status).toBe(200);
    await shop.stop();
  });
});
