import { readFileSync } from 'node:fs';
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
  const base = readYaml(directory, 'default');
  if (!modes.includes(mode))
    return { production: false, yaml: base, env, problems: [`NODE_ENV: must be one of ${modes.join(', ')}`] };
  const yaml = merge(base, readYaml(directory, mode));
  return { production: mode === 'production', yaml, env, problems: [] };
}

export function configDirectory(env: Environment): string {
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
  const merged: Record<string, Readonly<Record<string, unknown>>> = { ...base };
  for (const [section, values] of Object.entries(override))
    merged[section] = { ...merged[section], ...values };
  return merged;
}
