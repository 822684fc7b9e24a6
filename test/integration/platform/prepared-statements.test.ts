import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Transactor } from '../../../src/platform/database/transactor.ts';
import { ownDatabase } from '../../support/own-database.ts';

const read = 'select * from shelf where id = $1';

describe('prepared statements', () => {
  const own = ownDatabase();
  let dataSource: DataSource;
  let transactor: Transactor;

  beforeEach(async () => {
    await own.outsider.query(
      'drop table if exists shelf; create table shelf (id int primary key, units int)',
    );
    await own.outsider.query('insert into shelf values (1, 10)');
  });
  afterEach(() => dataSource.destroy());

  async function open(env: Record<string, string> = {}): Promise<void> {
    dataSource = await own.open(env);
    transactor = new Transactor(dataSource);
  }

  /** On the connection that has just been given back: one after the other, statements share it. */
  const preparedTexts = async (): Promise<string[]> =>
    (await transactor.query<{ statement: string }>('select statement from pg_prepared_statements')).map(
      row => row.statement,
    );

  it('are kept from the second time on', async () => {
    await open();
    await transactor.query(read, [1]);
    expect(await preparedTexts()).toEqual([]);
    await transactor.query(read, [1]);
    expect(await preparedTexts()).toEqual([read]);
    expect(await transactor.query(read, [1])).toEqual([{ id: 1, units: 10 }]);
  });

  it('are not kept when nobody wants them', async () => {
    await open({ DATABASE_PREPARED_MAX: '0' });
    for (let time = 0; time < 3; time++) await transactor.query(read, [1]);
    expect(await preparedTexts()).toEqual([]);
  });

  it('never become more than there is room for, however many texts there are', async () => {
    await open({ DATABASE_PREPARED_MAX: '5' });
    for (let shape = 0; shape < 200; shape++) await transactor.query(`select $1::int + ${shape} as sum`, [1]);
    expect(await preparedTexts()).toHaveLength(0);
    for (let shape = 0; shape < 200; shape++)
      for (let time = 0; time < 2; time++)
        expect(await transactor.query(`select $1::int * ${shape} as product`, [2])).toEqual([
          { product: 2 * shape },
        ]);
    expect(await preparedTexts()).toHaveLength(5);
  });

  it('whose result has another form since a change of the schema fail nobody', async () => {
    await open();
    for (let time = 0; time < 3; time++) await transactor.query(read, [1]);
    await own.outsider.query('alter table shelf add column label text');
    expect(await transactor.query(read, [1])).toEqual([{ id: 1, units: 10, label: null }]);
  });

  it('whose result has another form inside a transaction make it run again', async () => {
    await open();
    for (let time = 0; time < 3; time++) await transactor.query(read, [1]);
    await own.outsider.query('alter table shelf add column label text');
    let runs = 0;
    const rows = await transactor.run(async () => {
      runs++;
      await transactor.execute('update shelf set units = units - $1', [1]);
      return transactor.query(read, [1]);
    });
    expect(rows).toEqual([{ id: 1, units: 9, label: null }]);
    expect(runs).toBe(2);
  });

  it('that every connection has lost one after the other heal without an error', async () => {
    await open({ DATABASE_POOL_MAX: '5' });
    const onEach = (): Promise<unknown> =>
      Promise.all(
        Array.from({ length: 5 }, () => transactor.query(`${read} and pg_sleep(0.02) is not null`, [1])),
      );
    await onEach();
    await onEach();
    await own.outsider.query('alter table shelf add column label text');
    await onEach();
    await onEach();
  });

  it('that a pooler has thrown away are made again', async () => {
    await open();
    for (let time = 0; time < 2; time++) await transactor.query(read, [1]);
    await transactor.query('discard all');
    expect(await transactor.query(read, [1])).toEqual([{ id: 1, units: 10 }]);
    for (let time = 0; time < 2; time++) await transactor.query(read, [1]);
    expect(await preparedTexts()).toEqual([read]);
  });

  it('that are stale do not stay in the memory of PostgreSQL', async () => {
    await open();
    for (let time = 0; time < 2; time++) await transactor.query(read, [1]);
    for (let time = 0; time < 2; time++) await transactor.query('select $1::int as n', [1]);
    await own.outsider.query('alter table shelf add column label text');
    for (let time = 0; time < 2; time++) await transactor.query(read, [1]);
    expect(await preparedTexts()).toEqual([read]);
  });

  it('say what is wrong with a value as ever', async () => {
    await open();
    for (let time = 0; time < 3; time++)
      await expect(transactor.query(read, ['many'])).rejects.toMatchObject({ code: '22P02' });
    expect(await transactor.query(read, [1])).toHaveLength(1);
  });
});
