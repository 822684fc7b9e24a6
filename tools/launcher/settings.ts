/** What the launcher decides from the environment, before anything starts. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import type { ServiceName } from '../embedded/stack.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  readonly root: string;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly managementPort: number;
  readonly sandboxPort: number;
  readonly publicBaseUrl: string;
  /** Embedded here; the others are somebody else's, named by their variables. */
  readonly services: readonly ServiceName[];
  readonly env: Environment;
}

/** @throws Error that names the variable whose value is no port. */
export function readSettings(root: string, env: Environment): Settings {
  const host = env['HOST'] || '127.0.0.1';
  const port = portOf(env, 'PORT', 3000);
  return {
    root,
    dataDir: dataDirOf(root, env),
    host,
    port,
    managementPort: portOf(env, 'MANAGEMENT_PORT', 6060),
    sandboxPort: portOf(env, 'SANDBOX_PORT', 7070),
    publicBaseUrl: env['PUBLIC_BASE_URL'] || localUrl({ host, port }),
    services: embeddedServices(env),
    env,
  };
}

/** Where this machine reaches the app, whatever address it listens on. */
export function localUrl({ host, port }: Pick<Settings, 'host' | 'port'>): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export function dataDirOf(root: string, env: Environment): string {
  return resolve(root, env['MINNOW_DATA_DIR'] || '.minnow');
}

/** Where the seed draws the demo shop's pictures and the app finds them. */
export function mediaRootOf(root: string, env: Environment): string {
  return env['MEDIA_ROOT'] || join(dataDirOf(root, env), 'media');
}

function embeddedServices(env: Environment): ServiceName[] {
  const wechatIsGiven = Object.keys(env).some(name => name.startsWith('WECHAT_') && env[name]);
  const services: ServiceName[] = [];
  if (!isGiven(env, 'DATABASE_URL')) services.push('postgres');
  if (!isGiven(env, 'REDIS_URL')) services.push('redis');
  if (!wechatIsGiven) services.push('sandbox');
  return services;
}

/** By value, or as the path of a mounted secret. */
function isGiven(env: Environment, name: string): boolean {
  return Boolean(env[name] || env[`${name}_FILE`]);
}

/** @throws Error when DATABASE_URL_FILE cannot be read */
export function givenDatabaseUrl(env: Environment): string | undefined {
  const file = env['DATABASE_URL_FILE'];
  if (env['DATABASE_URL'] || !file) return env['DATABASE_URL'];
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch (cause) {
    throw new Error(`DATABASE_URL_FILE: cannot read ${file}`, { cause });
  }
}

function portOf(env: Environment, name: string, fallback: number): number {
  const port = Number(env[name] || fallback);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`${name} must be a port between 1 and 65535, not ${JSON.stringify(env[name])}`);
}

/** @throws Error that names the variables to change. */
export async function requireFreePorts(settings: Settings): Promise<void> {
  const wanted: [string, number, string][] = [
    ['PORT', settings.port, settings.host],
    ['MANAGEMENT_PORT', settings.managementPort, settings.env['MANAGEMENT_HOST'] || '127.0.0.1'],
  ];
  if (settings.services.includes('sandbox')) wanted.push(['SANDBOX_PORT', settings.sandboxPort, '127.0.0.1']);
  const problems = await Promise.all(wanted.map(([name, port, host]) => portProblem(name, port, host)));
  const found = problems.filter(problem => problem !== undefined);
  if (found.length > 0) throw new Error(found.join('\n'));
}

async function portProblem(name: string, port: number, host: string): Promise<string | undefined> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    const reason = code === 'EADDRINUSE' ? 'is in use' : `cannot be opened (${String(code)})`;
    return `Port ${port} on ${host} ${reason}: set ${name} to another one, for example ${name}=${port + 10}`;
  }
}

const SECRETS = ['AUTH_JWT_SECRET', 'AUTH_DATA_KEY'] as const;

/** Made once per data directory, because they unlock what is stored in its database. */
export function localSecrets(dataDir: string): Record<string, string> {
  const file = join(dataDir, 'secrets.json');
  const kept: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const missing = SECRETS.filter(name => !kept[name]);
  if (missing.length === 0) return kept;
  for (const name of missing) kept[name] = randomBytes(48).toString('base64');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  // Renamed into place: a torn file would lose the key of what is already encrypted.
  writeFileSync(`${file}.new`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return kept;
}

/** The environment of the app, its migrations and its seed. */
export function appEnvironment(settings: Settings, stackEnv: Environment): NodeJS.ProcessEnv {
  const { root, env, dataDir, host, port, managementPort, publicBaseUrl } = settings;
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  const secrets = Object.entries(localSecrets(dataDir)).filter(([name]) => !isGiven(env, name));
  return {
    NODE_ENV: 'development',
    MEDIA_ROOT: mediaRootOf(root, env),
    ...Object.fromEntries(secrets),
    ...given,
    DATABASE_URL: givenDatabaseUrl(env),
    ...stackEnv,
    HOST: host,
    PORT: String(port),
    MANAGEMENT_PORT: String(managementPort),
    PUBLIC_BASE_URL: publicBaseUrl,
  };
}
