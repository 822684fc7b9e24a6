import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { fieldMeta, type ConfigSliceClass } from './config-slice.js';

export type Environment = Readonly<Record<string, string | undefined>>;
type Sections = Record<string, Record<string, unknown>>;

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
  const mode = env['NODE_ENV'] || 'development';
  const yaml = merge(readYaml(directory, 'default'), readYaml(directory, mode));
  const problems = unknownSections(yaml, slices);
  const loaded = new Map<ConfigSliceClass, object>();
  for (const slice of slices) {
    const raw = { ...yaml[slice.section], ...fromEnvironment(slice, env, problems) };
    const values = validate(slice, raw, mode === 'production', problems);
    if (values) loaded.set(slice, new slice(values as never));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return new LoadedConfig(loaded);
}

/** One slice alone, for commands that need no more than, say, the database. */
export function loadSlice<C extends ConfigSliceClass>(
  slice: C,
  env: Environment = process.env,
): InstanceType<C> {
  const problems: string[] = [];
  const yaml = readYaml(configDirectory(env), 'default');
  const values = validate(
    slice,
    { ...yaml[slice.section], ...fromEnvironment(slice, env, problems) },
    false,
    problems,
  );
  if (!values) throw new ConfigError(problems);
  return new slice(values as never) as InstanceType<C>;
}

function configDirectory(env: Environment): string {
  return env['CONFIG_DIR'] || join(import.meta.dirname, '../../../config');
}

function readYaml(directory: string, name: string): Sections {
  let source: string;
  try {
    source = readFileSync(join(directory, `${name}.yaml`), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  return (parse(source) as Sections | null) ?? {};
}

function merge(base: Sections, override: Sections): Sections {
  const merged: Sections = { ...base };
  for (const [section, values] of Object.entries(override))
    merged[section] = { ...merged[section], ...values };
  return merged;
}

function unknownSections(yaml: Sections, slices: readonly ConfigSliceClass[]): string[] {
  const known = new Set(slices.map(slice => slice.section));
  return Object.keys(yaml)
    .filter(section => !known.has(section))
    .map(section => `${section}: unknown section in config/*.yaml`);
}

function fromEnvironment(
  slice: ConfigSliceClass,
  env: Environment,
  problems: string[],
): Record<string, string> {
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

function validate(
  slice: ConfigSliceClass,
  raw: Record<string, unknown>,
  production: boolean,
  problems: string[],
): Record<string, unknown> | null {
  const result = z.strictObject(slice.shape).safeParse(raw);
  if (!result.success) {
    problems.push(...result.error.issues.map(issue => describe(slice, issue)));
    return null;
  }
  const broken = slice.rule(result.data as never, production);
  problems.push(...broken.map(({ field, message }) => line(slice, field, message)));
  return result.data;
}

function describe(slice: ConfigSliceClass, issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `${slice.section}.${issue.keys.join(', ')}: unknown key in config/*.yaml`;
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return line(slice, String(issue.path[0]), missing ? 'is required' : issue.message);
}

function line(slice: ConfigSliceClass, field: string, message: string): string {
  return `${fieldMeta(slice, field).env} (${slice.section}.${field}): ${message}`;
}
