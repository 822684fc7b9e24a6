import { register } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentContext, runInContext } from '../tracing/request-context.js';
import { untraced } from '../tracing/spans.js';
import { BatchedReads } from './batched-reads.js';
import type { DatabaseConfig } from './database.config.js';
import type { Transactor } from './transactor.js';

interface Row {
  readonly id: string;
  readonly said: string;
}

const turn = (): Promise<void> => new Promise(resolve => void setImmediate(resolve));

describe('reads that come together', () => {
  let isOpen: boolean;
  let statements: { readonly ids: readonly string[]; readonly of: string | undefined }[];
  let answer: PromiseWithResolvers<(row: string) => string>;
  let find: (id: string) => Promise<Row | null>;

  beforeEach(() => {
    isOpen = false;
    statements = [];
    answer = Promise.withResolvers();
    const transactor = {
      get isOpen() {
        return isOpen;
      },
    };
    const reads = new BatchedReads(transactor as Transactor, { batchMax: 3 } as DatabaseConfig);
    find = reads.byId<Row>('test', async ids => {
      statements.push({ ids, of: currentContext()?.requestId });
      const say = await answer.promise;
      const rows = ids.filter(id => id !== 'nobody').map(id => ({ id, said: say(id) }));
      return rows.toReversed();
    });
  });
  afterEach(() => register.clear());

  const all = (...ids: string[]) => Promise.all(ids.map(find));

  it('are one statement, whatever sockets and promises they come from, and each gets its own row', async () => {
    const asking = [find('a'), nextTicks().then(() => find('b')), find('nobody')];
    answer.resolve(id => `I am ${id}`);
    expect(await Promise.all(asking)).toEqual([
      { id: 'a', said: 'I am a' },
      { id: 'b', said: 'I am b' },
      null,
    ]);
    expect(statements.map(({ ids }) => ids)).toEqual([['a', 'nobody', 'b']]);
  });

  it('ask once for what many want', async () => {
    answer.resolve(String);
    await all('a', 'b', 'a', 'a', 'b');
    expect(statements.map(({ ids }) => ids)).toEqual([['a', 'b']]);
  });

  it('are never answered from before they were asked', async () => {
    const early = find('a');
    await turn();
    const { resolve } = answer;
    answer = Promise.withResolvers();
    const late = find('a');
    await turn();
    resolve(() => 'old');
    answer.resolve(() => 'new');
    expect([(await early)?.said, (await late)?.said]).toEqual(['old', 'new']);
    expect((await find('a'))?.said).toBe('new');
    expect(statements).toHaveLength(3);
  });

  it('do not grow into a statement without end', async () => {
    answer.resolve(String);
    await all('a', 'b', 'c', 'd');
    expect(statements.map(({ ids }) => ids)).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('fail together, and not the next ones', async () => {
    const asking = Promise.allSettled([find('a'), find('b')]);
    await turn();
    answer.reject(new Error('PostgreSQL has gone'));
    for (const result of await asking)
      expect(result).toMatchObject({ status: 'rejected', reason: { message: 'PostgreSQL has gone' } });
    answer = Promise.withResolvers();
    answer.resolve(String);
    expect(await find('a')).toEqual({ id: 'a', said: 'a' });
  });

  it('stay out of each other’s transactions', async () => {
    answer.resolve(String);
    const outside = find('a');
    isOpen = true;
    const inside = [find('a'), find('b')];
    isOpen = false;
    expect(await Promise.all([outside, ...inside])).toEqual([
      { id: 'a', said: 'a' },
      { id: 'a', said: 'a' },
      { id: 'b', said: 'b' },
    ]);
    expect(statements.map(({ ids }) => ids)).toEqual([['a'], ['b'], ['a']]);
  });

  it('leave everybody in the context of his own request, and count for the first', async () => {
    const inRequest = (id: string) =>
      runInContext(untraced(`request ${id}`), async () => {
        await find(id);
        return currentContext()?.requestId;
      });
    answer.resolve(String);
    expect(await Promise.all([inRequest('a'), inRequest('b')])).toEqual(['request a', 'request b']);
    expect(statements).toEqual([{ ids: ['a', 'b'], of: 'request a' }]);
  });

  it('show how many they were', async () => {
    answer.resolve(String);
    await all('a', 'b');
    await all('a');
    const text = await register.getSingleMetricAsString('db_batched_read_size');
    expect(text).toContain('db_batched_read_size_sum{read="test"} 3');
    expect(text).toContain('db_batched_read_size_count{read="test"} 2');
  });
});

/** As between two sockets that are read in one turn. */
async function nextTicks(): Promise<void> {
  for (let index = 0; index < 5; index++) await new Promise<void>(resolve => process.nextTick(resolve));
}
