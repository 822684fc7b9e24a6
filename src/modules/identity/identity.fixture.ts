import { randomBytes } from 'node:crypto';
import { loadConfig } from '../../platform/config/load-config.js';
import { AuthConfig } from './auth.config.js';

/** The defaults with fresh secrets; `overrides` are environment variables. */
export function authConfig(overrides: Readonly<Record<string, string>> = {}): AuthConfig {
  const secret = (): string => randomBytes(48).toString('base64');
  const env = { AUTH_JWT_SECRET: secret(), AUTH_DATA_KEY: secret(), ...overrides };
  return loadConfig([AuthConfig], env, '/nonexistent').get(AuthConfig);
}
