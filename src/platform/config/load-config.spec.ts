import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSlice } from './config-slice.js';
import { allowance, duration, flag, int, strongSecret, text, textList } from './fields.js';
import type { Environment } from './config-source.js';
import { ConfigError, loadConfig, loadSlice, type LoadedConfig } from './load-config.js';

class ShopConfig extends configSlice('shop', {
  name: text(),
  paymentTimeout: duration().prefault('30m'),
  poolMax: int(2, 100).default(10),
  open: flag().default(false),
  proxies: textList().default([]),
}) {}

class KeyConfig extends configSlice(
  'key',
  { jwt: strongSecret(32).meta({ env: 'JWT_KEY', secret: true }), other: text().optional() },
  ({ other }, production) => (production && other ? [{ field: 'other', message: 'not in production' }] : []),
) {}

const good = 'k3Jd83hQmZ0Pq7vXs5Wc9LbTn2RfYg6A1uEo4iH8';

describe('configuration', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'minnow-config-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const load = (env: Environment): LoadedConfig => loadConfig([ShopConfig, KeyConfig], env, directory);
  const yaml = (name: string, source: string): void => writeFileSync(join(directory, `${name}.yaml`), source);
  function problems(env: Environment): readonly string[] {
    try {
      load(env);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    return [];
  }

  it('takes the environment before the mode’s file before the default file before the default', () => {
    yaml('default', 'shop: { name: from-default, poolMax: 20, paymentTimeout: 10m }');
    yaml('test', 'shop: { poolMax: 30, paymentTimeout: 20m }');
    const shop = load({ NODE_ENV: 'test', JWT_KEY: good, SHOP_POOL_MAX: '40' }).get(ShopConfig);
    expect(shop).toMatchObject({ name: 'from-default', poolMax: 40, paymentTimeout: 1_200_000, open: false });
  });

  it('reads numbers, switches, lists and durations the same from YAML and from the environment', () => {
    yaml('default', 'shop: { name: x, poolMax: 7, open: true, proxies: [a, b], paymentTimeout: 1500ms }');
    const fromYaml = load({ JWT_KEY: good }).get(ShopConfig);
    yaml('default', '');
    const env = {
      SHOP_NAME: 'x',
      SHOP_POOL_MAX: '7',
      SHOP_OPEN: 'true',
      SHOP_PROXIES: 'a, b',
      SHOP_PAYMENT_TIMEOUT: '1500ms',
    };
    expect(load({ JWT_KEY: good, ...env }).get(ShopConfig)).toEqual(fromYaml);
  });

  it.each([
    ['600/1m', { units: 600, windowMs: 60_000 }],
    [' 3 / 1500ms ', { units: 3, windowMs: 1_500 }],
    ['0/1m', null],
    ['600', null],
    ['600/0', null],
    ['600/soon', null],
    ['-1/1m', null],
    ['1.5/1m', null],
    ['1/1m/1', null],
  ])('reads %j as an allowance, or not at all', (text, read) => {
    const { success, data } = allowance().safeParse(text);
    expect(success ? data : null).toEqual(read);
  });

  it('names every bad variable at once', () => {
    const found = problems({
      SHOP_POOL_MAX: '1000',
      SHOP_PAYMENT_TIMEOUT: 'soon',
      SHOP_OPEN: 'maybe',
      JWT_KEY: 'short',
    });
    const named = found.map(line => line.split(' ')[0]);
    expect(new Set(named)).toEqual(
      new Set(['SHOP_NAME', 'SHOP_POOL_MAX', 'SHOP_PAYMENT_TIMEOUT', 'SHOP_OPEN', 'JWT_KEY']),
    );
    expect(found.find(line => line.startsWith('SHOP_NAME'))).toContain('is required');
  });

  it('does not know what nobody declared', () => {
    yaml('default', 'shop: { name: x, poolmax: 3 }\nshopp: { name: x }');
    const found = problems({ JWT_KEY: good }).join('\n');
    expect(found).toContain('poolmax');
    expect(found).toContain('shopp: unknown section');
  });

  it('reads a mounted secret, and says so when it cannot', () => {
    writeFileSync(join(directory, 'jwt'), `${good}\n`);
    const env = { SHOP_NAME: 'x', JWT_KEY_FILE: join(directory, 'jwt') };
    expect(load(env).get(KeyConfig).jwt).toBe(good);
    expect(problems({ ...env, JWT_KEY_FILE: join(directory, 'none') }).join()).toContain(
      'JWT_KEY_FILE: cannot read',
    );
  });

  it('takes no secret out of YAML, where it would be checked in, and does not repeat it', () => {
    yaml('default', `shop: { name: x }\nkey: { jwt: ${good} }`);
    const found = problems({});
    expect(found).toEqual([expect.stringMatching(/^JWT_KEY \(key\.jwt\): .* JWT_KEY_FILE$/)]);
    expect(found.join()).not.toContain(good);
  });

  it('says which file it cannot read, and why, beside everything else', () => {
    yaml('default', 'shop: { name: x }\nshop: { name: y }');
    const [file, key] = problems({});
    expect(file).toMatch(/default\.yaml: .*unique/);
    expect(key).toContain('SHOP_NAME');
    for (const source of ['http: 5', '- 1', 'just text']) {
      yaml('default', source);
      expect(problems({ SHOP_NAME: 'x', JWT_KEY: good })).toEqual([expect.stringMatching(/default\.yaml: /)]);
    }
  });

  it('does not go on without the directory that was named', () => {
    const missing = join(directory, 'nothing');
    const env = { SHOP_NAME: 'x', JWT_KEY: good, CONFIG_DIR: missing };
    expect(() => loadConfig([ShopConfig, KeyConfig], env)).toThrow(`CONFIG_DIR: there is no ${missing}`);
  });

  it.each([
    'short',
    'a'.repeat(64),
    'please-change-me-please-change-me-please',
    'my-default-password-my-default-password',
    'abcdefghijklmnopqrstuvwxyz123456',
    '12345678901234567890123456789012',
  ])('refuses the weak secret %j without repeating it', weak => {
    const [line] = problems({ SHOP_NAME: 'x', JWT_KEY: weak });
    expect(line).toContain('JWT_KEY (key.jwt)');
    expect(line).not.toContain(weak);
  });

  it('applies the rules of production in production only', () => {
    const env = { SHOP_NAME: 'x', JWT_KEY: good, KEY_OTHER: 'y' };
    expect(problems(env)).toEqual([]);
    expect(problems({ ...env, NODE_ENV: 'production' })).toEqual([
      'KEY_OTHER (key.other): not in production',
    ]);
  });

  it.each(['prod', 'Production', 'staging', '../production'])(
    'does not take NODE_ENV=%s for a mode without the refusals of production',
    mode => {
      const found = problems({ NODE_ENV: mode, SHOP_NAME: 'x', JWT_KEY: good });
      expect(found).toEqual(['NODE_ENV: must be one of development, test, production']);
    },
  );

  it('does not let one bad field hide what production refuses in another', () => {
    const found = problems({ NODE_ENV: 'production', SHOP_NAME: 'x', JWT_KEY: '', KEY_OTHER: 'y' });
    expect(found).toEqual(['JWT_KEY (key.jwt): is required', 'KEY_OTHER (key.other): not in production']);
  });

  it('checks two slices against each other, where both are loaded', () => {
    class PairConfig extends configSlice('pair', { most: int(1, 100) }, ({ most = 0 }, _, others) =>
      most > (others.find(ShopConfig).poolMax ?? 100) ? [{ field: 'most', message: 'above the pool' }] : [],
    ) {}
    const env = { SHOP_NAME: 'x', PAIR_MOST: '50', SHOP_POOL_MAX: '40' };
    expect(() => loadConfig([ShopConfig, PairConfig], env, directory)).toThrow(
      'PAIR_MOST (pair.most): above',
    );
    expect(loadSlice(PairConfig, env, directory).most).toBe(50);
  });

  it('reads one slice alone as the whole shop reads it', () => {
    yaml('default', 'shop: { name: from-default, poolMax: 20 }\nkey: { other: of-no-interest }');
    yaml('production', 'shop: { poolMax: 30 }');
    const shop = loadSlice(ShopConfig, { NODE_ENV: 'production' }, directory);
    expect(shop).toMatchObject({ name: 'from-default', poolMax: 30 });
    const broken = { NODE_ENV: 'production', KEY_OTHER: 'y', JWT_KEY: good };
    expect(() => loadSlice(KeyConfig, broken, directory)).toThrow('not in production');
  });

  it('takes an empty variable for one that is not set', () => {
    yaml('default', 'shop: { name: from-default }');
    expect(load({ JWT_KEY: good, SHOP_NAME: '' }).get(ShopConfig).name).toBe('from-default');
  });

  it('cannot be changed once it is loaded', () => {
    const shop = load({ SHOP_NAME: 'x', JWT_KEY: good }).get(ShopConfig);
    expect(() => Object.assign(shop, { name: 'y' })).toThrow();
  });

  it.each([
    ['0', 0],
    ['500ms', 500],
    ['1.5s', 1_500],
    ['30m', 1_800_000],
    ['7d', 604_800_000],
  ])('reads the duration %s', (source, ms) => {
    expect(duration().parse(source)).toBe(ms);
  });

  it.each(['5', '-1s', '5 s', 's', '1w', ''])('refuses the duration %j', source => {
    expect(duration().safeParse(source).success).toBe(false);
  });

  it.each(['0', '99ms'])('refuses %s where a time limit has a minimum', source => {
    expect(duration({ min: '100ms' }).safeParse(source).error?.issues[0]?.message).toContain(
      'at least 100ms',
    );
    expect(duration({ min: '100ms' }).parse('100ms')).toBe(100);
  });
});
