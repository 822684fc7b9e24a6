import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fieldMeta, type ConfigSliceClass } from './config-slice.js';
import { configDirectory, readSource, type ConfigSource, type Environment } from './config-source.js';

type Values = Readonly<Record<string, unknown>>;

/** Everything that is wrong with the configuration, one line a variable; nothing starts until it is empty. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map(line => `  - ${line}`).join('\n')}`,
    );
  }
}

/** Validated slices, by class. */
export class LoadedConfig {
  constructor(private readonly slices: ReadonlyMap<ConfigSliceClass, object>) {}

  get<C extends ConfigSliceClass>(slice: C): InstanceType<C> {
    const values = this.slices.get(slice);
    if (!values) throw new Error(`configuration slice '${slice.section}' is not listed in app.config.ts`);
    return values as InstanceType<C>;
  }

  entries(): Iterable<[ConfigSliceClass, object]> {
    return this.slices.entries();
  }
}

/**
 * Reads `default.yaml`, then `<NODE_ENV>.yaml`, then the environment (`NAME`, or `NAME_FILE` for a mounted secret),
 * and validates every slice before anything starts.
 * @throws ConfigError naming every bad variable at once; values of secrets are never part of the message.
 */
export function loadConfig(
  slices: readonly ConfigSliceClass[],
  env: Environment = process.env,
  directory: string = configDirectory(env),
): LoadedConfig {
  const source = readSource(env, directory);
  return validate(slices, source, unknownSections(source, slices));
}

/** One slice alone, as the whole shop would read it, for commands that need no more than, say, the database. */
export function loadSlice<C extends ConfigSliceClass>(
  slice: C,
  env: Environment = process.env,
  directory: string = configDirectory(env),
): InstanceType<C> {
  return validate([slice], readSource(env, directory), []).get(slice);
}

/** Field by field, then the rules over what is valid: one bad field must not hide another. */
function validate(
  slices: readonly ConfigSliceClass[],
  source: ConfigSource,
  unknown: readonly string[],
): LoadedConfig {
  const problems = [...source.problems, ...unknown];
  const valid = new Map(slices.map(slice => [slice, validFields(slice, source, problems)]));
  const others = { find: (slice: ConfigSliceClass) => (valid.get(slice) ?? {}) as never };
  for (const [slice, values] of valid) {
    const broken = slice.rule(values as never, source.production, others);
    problems.push(...broken.map(({ field, message }) => line(slice, field, message)));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return new LoadedConfig(new Map([...valid].map(([slice, values]) => [slice, new slice(values as never)])));
}

function unknownSections({ yaml }: ConfigSource, slices: readonly ConfigSliceClass[]): readonly string[] {
  const known = new Set(slices.map(slice => slice.section));
  return Object.keys(yaml)
    .filter(section => !known.has(section))
    .map(section => `${section}: unknown section in config/*.yaml`);
}

function validFields(slice: ConfigSliceClass, source: ConfigSource, problems: string[]): Values {
  problems.push(...writtenSecrets(slice, source));
  const raw: Values = { ...source.yaml[slice.section], ...fromEnvironment(slice, source.env, problems) };
  const unknown = Object.keys(raw).filter(key => !Object.hasOwn(slice.shape, key));
  problems.push(...unknown.map(key => `${slice.section}.${key}: unknown key in config/*.yaml`));
  const valid: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(slice.shape)) {
    const { success, data, error } = z.safeParse(schema, raw[field]);
    if (success && data !== undefined) valid[field] = data;
    const messages = error?.issues.map(({ message }) => message) ?? [];
    const named = messages.length > 0 && raw[field] === undefined ? ['is required'] : messages;
    problems.push(...named.map(message => line(slice, field, message)));
  }
  return valid;
}

/** YAML is checked in, copied and shown to whoever asks what is configured. */
function writtenSecrets(slice: ConfigSliceClass, { yaml }: ConfigSource): readonly string[] {
  const secrets = Object.keys(slice.shape).filter(field => fieldMeta(slice, field).secret);
  const written = secrets.filter(field => yaml[slice.section]?.[field] !== undefined);
  return written.map(field => {
    const { env } = fieldMeta(slice, field);
    return line(slice, field, `is a secret and does not belong in YAML; set ${env} or ${env}_FILE`);
  });
}

function fromEnvironment(slice: ConfigSliceClass, env: Environment, problems: string[]): Values {
  const values: Record<string, string> = {};
  for (const field of Object.keys(slice.shape)) {
    const name = fieldMeta(slice, field).env;
    const value = env[name] || readSecretFile(name, env[`${name}_FILE`], problems);
    if (value) values[field] = value;
  }
  return values;
}

function readSecretFile(name: string, path: string | undefined, problems: string[]): string | undefined {
  if (!path) return undefined;
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch {
    problems.push(`${name}_FILE: cannot read ${path}`);
    return undefined;
  }
}

function line(slice: ConfigSliceClass, field: string, message: string): string {
  return `${fieldMeta(slice, field).env} (${slice.section}.${field}): ${message}`;
}
