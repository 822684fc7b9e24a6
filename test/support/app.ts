import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { inject } from 'vitest';
import { configSlices } from '../../src/app.config.ts';
import { AppModule } from '../../src/app.module.ts';
import { loadConfig } from '../../src/platform/config/load-config.ts';
import { createApp } from '../../src/platform/http/create-app.ts';
import { HttpConfig } from '../../src/platform/http/http.config.ts';
import { freePort } from '../../tools/embedded/ports.ts';
import { createDatabase } from './databases.ts';

export interface TestApp {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly sandboxUrl: string;
  readonly database: pg.Pool;
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** What a process of the shop needs to start: an environment, and the database it names. */
export interface Surroundings {
  /** Straight into the same PostgreSQL, past the shop. */
  readonly database: pg.Pool;
  readonly sandboxUrl: string;
  readonly env: Readonly<Record<string, string>>;
  drop(): Promise<void>;
}

/** A migrated database of its own, real Redis under a prefix of its own, and the WeChat sandbox; nothing runs yet. */
export async function createSurroundings(env: Readonly<Record<string, string>> = {}): Promise<Surroundings> {
  const stackEnv = inject('stackEnv');
  const own = await createDatabase(stackEnv['DATABASE_URL']!);
  const values: Record<string, string> = { ...baseEnv(), ...stackEnv, DATABASE_URL: own.url, ...env };
  const database = new pg.Pool({ connectionString: values['DATABASE_URL'], max: 4 });
  database.on('error', () => undefined);
  const drop = async (): Promise<void> => {
    await database.end();
    await own.drop();
  };
  return { database, sandboxUrl: values['WECHAT_API_BASE_URL']!, env: values, drop };
}

/**
 * The whole shop in this process, listening on a free port of 127.0.0.1, on a database of its own and real Redis,
 * with the WeChat sandbox as WeChat. `env` overrides configuration.
 */
export async function startApp(env: Readonly<Record<string, string>> = {}): Promise<TestApp> {
  const { drop, ...surroundings } = await createSurroundings(env);
  const { app, url } = await listen(surroundings.env);
  const stop = async (): Promise<void> => {
    await app.close();
    await drop();
  };
  return { app, url, ...surroundings, stop };
}

async function listen(
  env: Readonly<Record<string, string>>,
): Promise<{ app: NestFastifyApplication; url: string }> {
  // The notify URL must name the port before the port is known, so it is chosen first.
  const port = await freePort();
  const config = loadConfig(configSlices, {
    PUBLIC_BASE_URL: `http://127.0.0.1:${port}`,
    ...env,
    PORT: String(port),
  });
  const app = await createApp(AppModule.register(config), config.get(HttpConfig));
  await app.listen(port, '127.0.0.1');
  return { app, url: `http://127.0.0.1:${port}` };
}

function baseEnv(): Record<string, string> {
  return {
    NODE_ENV: 'test',
    MANAGEMENT_PORT: '0',
    REDIS_KEY_PREFIX: `t${randomBytes(6).toString('hex')}`,
    AUTH_JWT_SECRET: randomBytes(48).toString('base64'),
    AUTH_DATA_KEY: randomBytes(48).toString('base64'),
  };
}
