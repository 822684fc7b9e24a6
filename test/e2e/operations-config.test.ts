import { randomBytes } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { configSlices } from '../../src/app.config.ts';
import { ConfigError, loadConfig } from '../../src/platform/config/load-config.ts';
import { makeCertificate } from '../support/certificate.ts';
import { spawnSibling } from '../support/sibling.ts';

const strong = (): string => randomBytes(48).toString('base64');

/** A configuration as a careful operator would write it. */
function production(): Record<string, string> {
  const { WECHAT_API_BASE_URL: _api, WECHAT_PAY_BASE_URL: _pay, ...stack } = inject('stackEnv');
  return {
    ...stack,
    NODE_ENV: 'production',
    PUBLIC_BASE_URL: 'https://shop.example.com',
    WECHAT_PAY_NOTIFY_URL: 'https://shop.example.com/api/v1/wechat/pay/notify',
    AUTH_JWT_SECRET: strong(),
    AUTH_DATA_KEY: strong(),
  };
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(configSlices, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

async function checkConfig(env: Record<string, string>) {
  const process = await spawnSibling('main', env, { args: ['--check-config'] });
  return { code: await process.exited, output: process.output() };
}

describe('--check-config', () => {
  it('exits 0 and starts nothing when the configuration is complete', async () => {
    const { code, output } = await checkConfig({
      ...production(),
      DATABASE_URL: 'postgres://minnow:x@127.0.0.1:1/nobody',
    });
    expect(output).toContain('complete');
    expect(code).toBe(0);
    expect(output).not.toContain('Nest');
  });

  it('exits 1 and names every bad variable in one message', async () => {
    const secret = 'change-me-change-me-change-me-change-me';
    const { code, output } = await checkConfig({
      ...production(),
      DATABASE_URL: '',
      REDIS_URL: 'http://redis',
      AUTH_JWT_SECRET: secret,
      AUTH_DATA_KEY: '',
      WECHAT_APP_SECRET: '',
      HTTP_BODY_LIMIT: 'eighty',
    });
    expect(code).toBe(1);
    for (const name of [
      'DATABASE_URL',
      'REDIS_URL',
      'AUTH_JWT_SECRET',
      'AUTH_DATA_KEY',
      'WECHAT_APP_SECRET',
      'HTTP_BODY_LIMIT',
    ]) {
      expect(output).toContain(`- ${name} (`);
    }
    expect(output).not.toContain(secret);
  });
});

describe('production', () => {
  it.each([
    ['WECHAT_API_BASE_URL', 'http://api.weixin.qq.com'],
    ['WECHAT_API_BASE_URL', 'https://127.0.0.1:7070'],
    ['WECHAT_PAY_BASE_URL', 'https://localhost:7070'],
    ['WECHAT_PAY_BASE_URL', 'https://[::1]:7070'],
    ['WECHAT_PAY_NOTIFY_URL', 'http://shop.example.com/notify'],
    ['PUBLIC_BASE_URL', 'http://shop.example.com'],
    ['AUTH_JWT_SECRET', 'k3Jd83hQmZ0Pq7vXs5Wc9LbTn2RfYg6'],
    ['AUTH_DATA_KEY', ''],
    ['DATABASE_URL', ''],
  ])('does not open with %s=%s', (name, value) => {
    const problems = problemsOf({ ...production(), [name]: value });
    expect(problems).toEqual([expect.stringMatching(`^${name} \\(`)]);
    if (name.startsWith('AUTH') && value) expect(problems[0]).not.toContain(value);
  });

  it('opens with what a careful operator writes', () => {
    expect(problemsOf(production())).toEqual([]);
  });
});

describe('TLS', () => {
  const { cert, key } = makeCertificate();
  const named = (name: string, why: string) => [expect.stringMatching(new RegExp(`^${name} \\(.*${why}`))];

  it('opens with a certificate and its key, however their line ends are written', () => {
    const oneLine = (pem: string): string => pem.replaceAll('\n', '\\n');
    expect(problemsOf({ ...production(), HTTP_TLS_CERT: cert, HTTP_TLS_KEY: key })).toEqual([]);
    const escaped = { HTTP_TLS_CERT: oneLine(cert), HTTP_TLS_KEY: oneLine(key) };
    expect(problemsOf({ ...production(), ...escaped })).toEqual([]);
  });

  it.each([
    ['without a key', { HTTP_TLS_CERT: cert }, named('HTTP_TLS_KEY', 'required')],
    ['without a certificate', { HTTP_TLS_KEY: key }, named('HTTP_TLS_CERT', 'required')],
    [
      'with the key of another certificate',
      { HTTP_TLS_CERT: cert, HTTP_TLS_KEY: makeCertificate().key },
      named('HTTP_TLS_KEY', 'of the certificate'),
    ],
    [
      'with rubbish for a certificate',
      { HTTP_TLS_CERT: 'rubbish', HTTP_TLS_KEY: key },
      named('HTTP_TLS_CERT', 'PEM'),
    ],
    [
      'with files that are not there',
      { HTTP_TLS_CERT_FILE: '/nonexistent/cert', HTTP_TLS_KEY_FILE: '/nonexistent/key' },
      [
        'HTTP_TLS_CERT_FILE: cannot read /nonexistent/cert',
        'HTTP_TLS_KEY_FILE: cannot read /nonexistent/key',
      ],
    ],
  ])('does not fall back to plain HTTP %s', (_, env, problems) => {
    const found = problemsOf({ ...production(), ...env });
    expect(found).toEqual(problems);
    expect(found.join()).not.toContain(key);
  });
});
