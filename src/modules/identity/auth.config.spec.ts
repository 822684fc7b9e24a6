import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../platform/config/load-config.js';
import { AuthConfig } from './auth.config.js';

const secret = (): string => randomBytes(48).toString('base64');

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig([AuthConfig], env, '/nonexistent');
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

  it('never shows a weak secret', () => {
    const problems = problemsOf({ AUTH_JWT_SECRET: 'hunter2', AUTH_DATA_KEY: secret() });
    expect(problems.join()).toContain('AUTH_JWT_SECRET');
    expect(problems.join()).not.toContain('hunter2');
  });
});
