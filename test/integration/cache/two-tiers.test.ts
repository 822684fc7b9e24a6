import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { Cache } from '../../../src/platform/cache/cache.ts';
import {
  oneProcess,
  slot,
  Source,
  textSpec,
  type OneProcess,
} from '../../../src/platform/cache/cache.fixture.ts';
import { pack } from '../../../src/platform/cache/stored-value.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';

const long = { ...textSpec, ttlMs: 60_000, staleMs: 60_000, errorMs: 120_000 };
const tea = slot('tea', 'product:tea');

interface Member {
  readonly process: OneProcess;
  readonly cache: Cache<string>;
}

// Redis goes away here all the time.
Logger.overrideLogger(false);

describe('several processes with one Redis', () => {
  let proxy: TcpProxy;
  let prefix: string;
  let members: Member[];
  let source: Source;
  beforeEach(async () => {
    proxy = await startTcpProxy(new URL(inject('stackEnv')['REDIS_URL']!));
    prefix = `t${randomUUID()}`;
    members = [];
    source = new Source();
  });
  afterEach(async () => {
    for (const { process } of members) process.stop();
    await proxy.close();
  });

  /** However slow the machine is, what waits for Redis or for another process gets it. */
  const patient = {
    REDIS_URL: inject('stackEnv')['REDIS_URL']!,
    REDIS_COMMAND_TIMEOUT: '10s',
    CACHE_REDIS_TIMEOUT: '10s',
    CACHE_LOAD_LOCK: '30s',
    CACHE_SHARED_LOAD_WAIT: '30s',
    CACHE_TTL_JITTER: '0',
  };

  /** One more process, listening to the others. */
  async function join(env: Readonly<Record<string, string>> = {}, spec = long): Promise<Member> {
    const process = oneProcess({ ...patient, REDIS_KEY_PREFIX: prefix, ...env });
    const member = { process, cache: process.caches.declare(spec) };
    members.push(member);
    await until('Redis is there', () => process.connection!.isReady);
    await process.listening;
    return member;
  }

  const redis = () => members[0]!.process.connection!.client;
  const keys = (): Promise<string[]> => redis().keys(`${prefix}:cache:*`);
  const throughProxy = (): Record<string, string> => ({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
  const shelved = (): Promise<string[]> =>
    until('Redis has it', async () => {
      const found = (await keys()).filter(key => !key.endsWith(':lock'));
      return found.length > 0 && found;
    });

  async function read({ cache }: Member, value: string): Promise<string | null> {
    const askedBefore = source.asked;
    const got = cache.get(tea, source.load);
    await until('it is read', () => source.asked > askedBefore);
    source.answer(value);
    return got;
  }

  it('find what one of them has read', async () => {
    const [first, second] = [await join(), await join()];
    await read(first, '绿茶');
    await shelved();
    expect(await second.cache.get(tea, source.load)).toBe('绿茶');
    expect(second.cache.peek(tea)).toBe('绿茶');
    expect(source.asked).toBe(1);
  });

  it('keep nothing for themselves when only Redis is to keep it, and stand in with what it has', async () => {
    const member = await join({ CACHE_LOCAL_ENABLED: 'false' }, { ...long, ttlMs: 1, staleMs: 0 });
    await read(member, '绿茶');
    await shelved();
    expect(member.cache.occupancy.entries).toBe(0);
    const got = member.cache.get(tea, source.load);
    await until('it is read again', () => source.asked === 2);
    source.fail(new Error('PostgreSQL is away'));
    expect(await got).toBe('绿茶');
    const other = await join({ CACHE_LOCAL_ENABLED: 'false' });
    expect(await other.cache.get(tea, source.load)).toBe('绿茶');
    expect([other.cache.peek(tea), other.cache.occupancy.entries, source.asked]).toEqual([undefined, 0, 2]);
  });

  describe('with a value of 10 MB', () => {
    const huge = 'x'.repeat(10_000_000);

    it('read it once for all who ask at the same time, and keep it nowhere', async () => {
      const [first, second] = [await join(), await join()];
      const wanted = Array.from({ length: 100 }, () => first.cache.get(tea, source.load));
      await until('it is read', () => source.asked === 1);
      source.answer(huge);
      expect(new Set(await Promise.all(wanted))).toEqual(new Set([huge]));
      // Nobody waits for a value that never comes: the lock is given back with the reading.
      expect(await read(second, huge)).toBe(huge);
      expect(source.asked).toBe(2);
      expect([first.cache.occupancy.bytes, await keys()]).toEqual([0, []]);
    });

    it('share it where it is allowed', async () => {
      const roomy = { CACHE_MAX_VALUE_BYTES: '20000000', CACHE_MAX_BYTES: '20000000' };
      const [first, second] = [await join(roomy), await join(roomy)];
      await read(first, huge);
      await shelved();
      expect(await second.cache.get(tea, source.load)).toBe(huge);
      expect([second.cache.peek(tea), source.asked]).toEqual([huge, 1]);
    });
  });

  it('find too that there is no such thing', async () => {
    const [first, second] = [await join({}, { ...long, negativeTtlMs: 60_000 }), await join({}, long)];
    const got = first.cache.get(tea, source.load);
    await until('it is read', () => source.asked === 1);
    source.answer(null);
    expect(await got).toBeNull();
    await shelved();
    expect(await second.cache.get(tea, source.load)).toBeNull();
    expect(source.asked).toBe(1);
  });

  it('do not read what another one has read between their look and their turn', async () => {
    const [first, second] = [await join(), await join({ CACHE_REDIS_TIMEOUT: '5s' })];
    const client = second.process.connection!.client;
    const takeTurn = client.eval.bind(client) as (...args: unknown[]) => Promise<unknown>;
    vi.spyOn(client, 'eval').mockImplementationOnce(async (...args: unknown[]) => {
      await read(first, '绿茶');
      await until('its reading is over', async () => (await keys()).length === 1);
      return takeTurn(...args);
    });
    expect(await second.cache.get(tea, source.load)).toBe('绿茶');
    expect(source.asked).toBe(1);
  });

  it('read a cold value once, all of them together', async () => {
    for (let index = 0; index < 4; index++) await join();
    const wanted = members.flatMap(({ cache }) =>
      Array.from({ length: 250 }, () => cache.get(tea, source.load)),
    );
    await until('it is read', () => source.asked > 0);
    source.answer('绿茶');
    expect(new Set(await Promise.all(wanted))).toEqual(new Set(['绿茶']));
    expect(source.asked).toBe(1);
  });

  it('read it once each when they share no reading', async () => {
    for (let index = 0; index < 4; index++) await join({ CACHE_SHARE_LOADS: 'false' });
    const wanted = members.flatMap(({ cache }) =>
      Array.from({ length: 250 }, () => cache.get(tea, source.load)),
    );
    await until('all of them read it', () => source.asked === 4);
    source.answer('绿茶');
    await Promise.all(wanted);
    expect(source.asked).toBe(4);
  });

  it('do not wait for ever for one that died while it read, nor does it spoil what came after it', async () => {
    const [dead, alive] = [await join({ CACHE_LOAD_LOCK: '100ms' }), await join()];
    const late = dead.cache.get(tea, source.load);
    await until('it is read', () => source.asked === 1);
    const slow = new Source();
    const got = alive.cache.get(tea, slow.load);
    await until('the other takes over', () => slow.asked === 1);
    slow.answer('新');
    expect(await got).toBe('新');
    await shelved();
    source.answer('旧');
    expect(await late).toBe('旧');
    const third = await join();
    expect(await third.cache.get(tea, slow.load)).toBe('新');
  });

  it('let another one read at once when the first one fails', async () => {
    const [first, second] = [await join(), await join({ CACHE_SHARED_LOAD_WAIT: '1h' })];
    const failing = first.cache.get(tea, source.load);
    await until('it is read', () => source.asked === 1);
    const other = new Source();
    const got = second.cache.get(tea, other.load);
    source.fail(new Error('x'));
    await expect(failing).rejects.toThrow('x');
    await until('the other takes over', () => other.asked === 1);
    other.answer('绿茶');
    expect(await got).toBe('绿茶');
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -1)],
    ['not what its codec writes', () => pack({ body: 'not JSON', marks: ['0'], lifeMs: 180_000 })],
    ['nonsense', () => '\0'],
  ])('drop a value that is %s and read it anew', async (_, spoil) => {
    const [first, second] = [await join(), await join()];
    await read(first, '绿茶');
    const [key] = await shelved();
    await redis().set(key!, spoil((await redis().get(key!))!), 'KEEPTTL');
    expect(await read(second, '新')).toBe('新');
    const third = await join();
    expect(await third.cache.get(tea, source.load)).toBe('新');
  });

  it('leave alone what a process of another version keeps', async () => {
    const [older, newer] = [await join(), await join({}, { ...long, version: '2' })];
    await read(older, '旧');
    await shelved();
    expect(await read(newer, '新')).toBe('新');
    const another = await join();
    expect(await another.cache.get(tea, source.load)).toBe('旧');
  });

  it('count from when it was read how old a value is, not from when they found it', async () => {
    const minute = { ...textSpec, ttlMs: 60_000, staleMs: 0, errorMs: 0 };
    const [first, second] = [await join({}, minute), await join({}, minute)];
    await read(first, '旧');
    const [key] = await shelved();
    // As it is when the minute is nearly over.
    await redis().pexpire(key!, 300);
    expect(await second.cache.get(tea, source.load)).toBe('旧');
    await until('it is stale', () => second.cache.peek(tea) === undefined);
    expect(first.cache.peek(tea)).toBe('旧');
  });

  describe('when something has changed', () => {
    it('all drop it, from memory and from Redis, and nothing else', async () => {
      const [first, second] = [await join(), await join()];
      const black = slot('black', 'product:black');
      await read(first, '旧');
      await second.cache.get(tea, source.load);
      await second.cache.get(black, () => Promise.resolve('红茶'));
      first.process.caches.invalidate(['product:tea']);
      expect(first.cache.peek(tea)).toBeUndefined();
      await until('the other has heard of it', () => second.cache.peek(tea) === undefined);
      expect(second.cache.peek(black)).toBe('红茶');
      expect(await read(second, '新')).toBe('新');
    });

    it('none believes what was read before and written after', async () => {
      const [slow, writer] = [await join({ CACHE_LOAD_LOCK: '100ms' }), await join()];
      const early = slow.cache.get(tea, source.load);
      await until('it is read', () => source.asked === 1);
      writer.process.caches.invalidate(['product:tea']);
      const mark = `${prefix}:cache-tag:product:tea`;
      await until('Redis knows', async () => (await redis().get(mark)) !== null);
      source.answer('旧');
      expect(await early).toBe('旧');
      const third = await join();
      expect(await read(third, '新')).toBe('新');
    });

    it('all get what was written through one of them', async () => {
      const [first, second] = [await join(), await join()];
      await read(first, '旧');
      await second.cache.get(tea, source.load);
      first.process.caches.put(first.cache, tea, '新');
      await until('it is there', () => first.cache.peek(tea) === '新');
      await until('the other has dropped the old one', () => second.cache.peek(tea) === undefined);
      await shelved();
      expect(await second.cache.get(tea, source.load)).toBe('新');
      expect(source.asked).toBe(1);
    });

    it('one that misses a message drops everything', async () => {
      const { cache } = await join();
      await read(members[0]!, '旧');
      const say = (sequence: number, tags: string[]): Promise<number> =>
        redis().publish(`${prefix}:cache-news`, JSON.stringify({ from: 'x', sequence, tags, keys: [] }));
      await say(1, ['other']);
      await say(2, ['other']);
      expect(cache.peek(tea)).toBe('旧');
      await say(4, ['other']);
      await until('it doubts what it has', () => cache.peek(tea) === undefined);
    });

    it.each(['nonsense', '{}', '{"from":"x","sequence":"1","tags":[],"keys":[]}'])(
      'one that cannot read a message drops everything: %s',
      async text => {
        const { cache } = await join();
        await read(members[0]!, '旧');
        await redis().publish(`${prefix}:cache-news`, text);
        await until('it doubts what it has', () => cache.peek(tea) === undefined);
      },
    );

    it('one that was cut off drops everything as soon as it listens again', async () => {
      await join();
      const lonely = await join(throughProxy());
      await read(lonely, '旧');
      proxy.cut(false);
      await until('it doubts what it has', () => lonely.cache.peek(tea) === undefined);
    });

    it('one that cannot say so says it when Redis is back', async () => {
      const [hearer, writer] = [await join(), await join({ ...throughProxy(), CACHE_REDIS_PAUSE: '50ms' })];
      await read(hearer, '旧');
      proxy.cut(true);
      await until('Redis is away', () => !writer.process.connection!.isReady);
      writer.process.caches.invalidate(['product:tea']);
      await until('the writer has dropped it', () => writer.cache.peek(tea) === undefined);
      expect(hearer.cache.peek(tea)).toBe('旧');
      proxy.cut(false);
      await until('the other has heard of it', () => hearer.cache.peek(tea) === undefined);
      expect(await read(hearer, '新')).toBe('新');
    });

    it('what nobody says is over when its time is, whatever Redis holds', async () => {
      const brief = { ...textSpec, ttlMs: 200, staleMs: 0, errorMs: 60_000 };
      const [hearer, writer] = [await join({}, brief), await join(throughProxy(), brief)];
      await read(hearer, '旧');
      proxy.cut(true);
      writer.process.caches.invalidate(['product:tea']);
      writer.process.stop();
      await until('its time is over', () => hearer.cache.peek(tea) === undefined);
      expect(await read(hearer, '新')).toBe('新');
    });
  });

  describe('when Redis does not answer', () => {
    const hasty = { CACHE_REDIS_TIMEOUT: '100ms' };

    it('each reads for itself and goes on from memory', async () => {
      await join();
      const lonely = await join({ ...throughProxy(), ...hasty });
      proxy.strand();
      expect(await read(lonely, '绿茶')).toBe('绿茶');
      expect(lonely.cache.peek(tea)).toBe('绿茶');
      // Not asked again so soon: no further wait.
      expect(await lonely.cache.get(slot('black'), () => Promise.resolve('红茶'))).toBe('红茶');
    });

    it('half a second late is as good as never', async () => {
      await join();
      const lonely = await join({ ...throughProxy(), ...hasty });
      proxy.delay(500);
      const other = new Source();
      const got = lonely.cache.get(tea, other.load);
      await until('it is read', () => other.asked === 1);
      other.answer('绿茶');
      expect(await got).toBe('绿茶');
      proxy.delay(0);
      expect(lonely.cache.peek(tea)).toBe('绿茶');
    });
  });
});
