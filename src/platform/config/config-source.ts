import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export type Environment = Readonly<Record<string, string | undefined>>;
export type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What was written down, not validated yet. */
export interface ConfigSource {
  readonly production: boolean;
  readonly yaml: Sections;
  readonly env: Environment;
  /** What cannot even be read. */
  readonly problems: readonly string[];
}

const modes: readonly string[] = ['development', 'test', 'production'];

/** `default.yaml` under `<NODE_ENV>.yaml`. A misspelt mode is a problem: it would switch off what production refuses. */
export function readSource(env: Environment, directory: string): ConfigSource {
  const mode = env['NODE_ENV'] || 'development';
  const problems: string[] = [];
  if (env['CONFIG_DIR'] && !existsSync(directory)) problems.push(`CONFIG_DIR: there is no ${directory}`);
  const base = readYaml(directory, 'default', problems);
  if (!modes.includes(mode)) {
    problems.push(`NODE_ENV: must be one of ${modes.join(', ')}`);
    return { production: false, yaml: base, env, problems };
  }
  const yaml = merge(base, readYaml(directory, mode, problems));
  return { production: mode === 'production', yaml, env, problems };
}

export function configDirectory(env: Environment): string {
  return env['CONFIG_DIR'] || join(import.meta.dirname, '../../../config');
}

function readYaml(directory: string, name: string, problems: string[]): Sections {
  const file = join(directory, `${name}.yaml`);
  try {
    const content = parse(readFileSync(file, 'utf8')) as unknown;
    return sectionsOf(content ?? {}, file, problems);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    problems.push(`${file}: ${(error as Error).message.split('\n')[0]}`);
    return {};
  }
}

function sectionsOf(content: unknown, file: string, problems: string[]): Sections {
  if (!isRecord(content)) {
    problems.push(`${file}: must hold sections`);
    return {};
  }
  const wrong = Object.keys(content).filter(section => !isRecord(content[section] ?? {}));
  problems.push(...wrong.map(section => `${file}: ${section} must be a section`));
  return wrong.length > 0 ? {} : (content as Sections);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merge(base: Sections, override: Sections): Sections {
  const merged: Record<string, Readonly<Record<string, unknown>>> = { ...base };
  for (const [section, values] of Object.entries(override))
    merged[section] = { ...merged[section], ...values };
  return merged;
}
