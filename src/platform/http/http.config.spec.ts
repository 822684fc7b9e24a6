import { describe, expect, it } from 'vitest';
import type { ConfigSliceClass } from '../config/config-slice.js';
import type { Environment } from '../config/config-source.js';
import { ConfigError, loadConfig } from '../config/load-config.js';
import { DatabaseConfig } from '../database/database.config.js';
import { HttpConfig } from './http.config.js';

const noYaml = '/nonexistent';
const production = { NODE_ENV: 'production', PUBLIC_BASE_URL: 'https://shop.example.com' };

const trust = (value: string): unknown =>
  loadConfig([HttpConfig], { HTTP_TRUST_PROXY: value }, noYaml).get(HttpConfig).trustProxy;

function problems(env: Environment, slices: readonly ConfigSliceClass[] = [HttpConfig]): readonly string[] {
  try {
    loadConfig(slices, { DATABASE_URL: 'postgres://127.0.0.1:1/none', ...env }, noYaml);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('HttpConfig', () => {
  it('trusts nobody, everybody or the named proxies', () => {
    expect([trust(''), trust('false'), trust('true')]).toEqual([false, false, true]);
    expect(trust('10.0.0.1, 192.168.0.0/16, ::1, fd00::/8')).toEqual([
      '10.0.0.1',
      '192.168.0.0/16',
      '::1',
      'fd00::/8',
    ]);
  });

  it.each(['1', '0', 'yes', 'balancer.internal', '10.0.0.0/33', '10.0.0.1/x', ','])(
    'does not guess whom HTTP_TRUST_PROXY=%s trusts',
    value => {
      expect(problems({ HTTP_TRUST_PROXY: value })).toEqual([
        'HTTP_TRUST_PROXY (http.trustProxy): must be true, false, or addresses such as 10.0.0.1 or 10.0.0.0/8',
      ]);
    },
  );

  it.each([
    'HTTP_REQUEST_TIMEOUT',
    'HTTP_RECEIVE_TIMEOUT',
    'HTTP_KEEP_ALIVE_TIMEOUT',
    'HTTP_SHUTDOWN_TIMEOUT',
  ])('takes no %s of 0', name =>
    expect(problems({ [name]: '0' })).toEqual([expect.stringContaining(`${name} (`)]),
  );

  it.each(['https://127.0.0.1', 'https://localhost:3000', 'https://10.1.2.3', 'https://[fd00::1]'])(
    'does not have WeChat Pay report payments to %s in production',
    url => {
      const found = problems({ ...production, PUBLIC_BASE_URL: url });
      expect(found).toEqual([
        'PUBLIC_BASE_URL (http.publicBaseUrl): must not be a loopback or private host in production',
      ]);
    },
  );

  it('does not let a statement outlive the request that waits for it', () => {
    const both = [HttpConfig, DatabaseConfig];
    const env = { ...production, HTTP_REQUEST_TIMEOUT: '4s', DATABASE_STATEMENT_TIMEOUT: '4s' };
    expect(problems(env, both)).toEqual([expect.stringContaining('HTTP_REQUEST_TIMEOUT')]);
    expect(problems({ ...env, DATABASE_STATEMENT_TIMEOUT: '3s' }, both)).toEqual([]);
  });
});
