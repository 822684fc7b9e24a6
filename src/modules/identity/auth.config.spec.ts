import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ConfigSliceClass } from '../../platform/config/config-slice.js';
import { ConfigError, loadConfig } from '../../platform/config/load-config.js';
import { HttpConfig } from '../../platform/http/http.config.js';
import { WechatConfig } from '../../platform/wechat/wechat.config.js';
import { AuthConfig } from './auth.config.js';

const secret = (): string => randomBytes(48).toString('base64');

function problemsOf(
  env: Record<string, string>,
  slices: readonly ConfigSliceClass[] = [AuthConfig],
): readonly string[] {
  try {
    loadConfig(slices, env, '/nonexistent');
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('auth configuration', () => {
  it('names both secrets when they are missing', () => {
    expect(problemsOf({}).map(line => line.split(' ')[0])).toEqual(['AUTH_JWT_SECRET', 'AUTH_DATA_KEY']);
  });

  it('refuses one secret for two purposes', () => {
    const both = secret();
    expect(problemsOf({ AUTH_JWT_SECRET: both, AUTH_DATA_KEY: both })).toEqual([
      expect.stringContaining('AUTH_DATA_KEY'),
    ]);
  });

  it('refuses access tokens that outlive their session', () => {
    const env = { AUTH_JWT_SECRET: secret(), AUTH_DATA_KEY: secret(), AUTH_REFRESH_TOKEN_TTL: '5m' };
    expect(problemsOf(env)).toEqual([expect.stringContaining('AUTH_ACCESS_TOKEN_TTL')]);
  });

  it('refuses to give tokens again that have expired', () => {
    const secrets = { AUTH_JWT_SECRET: secret(), AUTH_DATA_KEY: secret() };
    const withTtl = (ttl: string): readonly string[] =>
      problemsOf({ ...secrets, AUTH_ACCESS_TOKEN_TTL: ttl, AUTH_REPLAY_WINDOW: '30s' });
    expect(withTtl('30s')).toEqual([expect.stringContaining('AUTH_ACCESS_TOKEN_TTL')]);
    expect(withTtl('31s')).toEqual([]);
  });

  it('does not wait for a twin until the request is answered 503', () => {
    const slices = [AuthConfig, HttpConfig, WechatConfig];
    const ofWait = (env: Record<string, string>): readonly string[] =>
      problemsOf(
        { NODE_ENV: 'production', AUTH_JWT_SECRET: secret(), AUTH_DATA_KEY: secret(), ...env },
        slices,
      ).filter(line => line.startsWith('AUTH_'));
    expect(ofWait({})).toEqual([]);
    expect(ofWait({ AUTH_LOGIN_REPLAY_WAIT: '2s' })).toEqual([
      expect.stringContaining('AUTH_LOGIN_REPLAY_WAIT'),
    ]);
    expect(ofWait({ AUTH_LOGIN_REPLAY_WAIT: '2s', WECHAT_LOGIN_TIMEOUT: '2s' })).toEqual([]);
  });

  it('never shows a weak secret', () => {
    const problems = problemsOf({ AUTH_JWT_SECRET: 'hunter2', AUTH_DATA_KEY: secret() });
    expect(problems.join()).toContain('AUTH_JWT_SECRET');
    expect(problems.join()).not.toContain('hunter2');
  });
});
