/** Writes the configuration tables from the schemas: `node tools/docs/configuration.ts [--check]`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import type * as AppConfig from '../../src/app.config.ts';
import type * as ConfigSlice from '../../src/platform/config/config-slice.ts';
import { build } from '../build.ts';
import { essentials } from './essentials.ts';
import { fillIn, root, table } from './markdown.ts';

interface Setting {
  readonly key: string;
  readonly env: string;
  readonly fallback: string;
  readonly meaning: string;
}

type Slice = ConfigSlice.ConfigSliceClass;
type Overrides = Record<string, Record<string, unknown> | undefined> | null;

/** `most connections; default 4 a core` says its own default: the value would depend on the machine. */
const spokenDefault = /[;,] default:? (.+)$/;

await build(root);
const { configSlices } = await load<typeof AppConfig>('app.config.js');
const { fieldMeta } = await load<typeof ConfigSlice>('platform/config/config-slice.js');
const base = overrides('default');
const production = overrides('production');
const settings = configSlices.flatMap(settingsOf);

const command = 'node tools/docs/configuration.ts';
fillIn('docs/configuration.md', 'configuration', configSlices.flatMap(section).slice(1), command);
fillIn('README.md', 'configuration', excerpt(['Variable', 'Default', 'Meaning'], 'en'), command);
fillIn('README.zh-CN.md', 'configuration', excerpt(['变量', '默认值', '含义'], 'zh'), command);

async function load<Module>(path: string): Promise<Module> {
  return (await import(pathToFileURL(join(root, 'dist', path)).href)) as Module;
}

function overrides(name: string): Overrides {
  return parse(readFileSync(join(root, 'config', `${name}.yaml`), 'utf8')) as Overrides;
}

function settingsOf(slice: Slice): Setting[] {
  const schema = z.toJSONSchema(z.object(slice.shape), { io: 'input', unrepresentable: 'any' });
  return Object.entries(schema.properties ?? {}).map(([field, property]) => {
    const { env, secret, description } = fieldMeta(slice, field);
    const words = (property as z.core.JSONSchema.JSONSchema).enum?.map(code).join(', ');
    return {
      key: `${slice.section}.${field}`,
      env,
      fallback: `${fallbackOf(slice, field, property)}${secret ? ', secret' : ''}`,
      meaning: description.replace(spokenDefault, '') + (words ? `: ${words}` : ''),
    };
  });
}

function fallbackOf(slice: Slice, field: string, property: z.core.JSONSchema._JSONSchema): string {
  const text =
    spokenDefault.exec(fieldMeta(slice, field).description)?.[1] ?? commonValue(slice, field, property);
  const inProduction = production?.[slice.section]?.[field];
  return inProduction === undefined ? text : `${text} (production: ${code(inProduction)})`;
}

function commonValue(
  { section, shape }: Slice,
  field: string,
  property: z.core.JSONSchema._JSONSchema,
): string {
  const absent = z.safeParse(shape[field]!, undefined);
  if (!absent.success) return '**required**';
  // As somebody would write it (`30m`) where the schema says so, else as it is read.
  const written = typeof property === 'object' ? property.default : undefined;
  const value = base?.[section]?.[field] ?? written ?? absent.data;
  return value === undefined ? 'unset' : code(value);
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}

function section(slice: Slice): string[] {
  const rows = settings
    .filter(({ key }) => key.startsWith(`${slice.section}.`))
    .map(({ key, env, fallback, meaning }) => [code(env), code(key), fallback, meaning]);
  const head = `## ${slice.section}`;
  const body = table(['Variable', 'Key in YAML', 'Default', 'Meaning'], rows);
  return ['', head, '', ...body];
}

/** @throws Error naming an essential that no slice declares any more. */
function excerpt(head: readonly string[], language: 'en' | 'zh'): string[] {
  const rows = Object.entries(essentials).map(([key, zh]) => {
    const setting = settings.find(one => one.key === key);
    if (!setting) throw new Error(`tools/docs/essentials.ts names ${key}, which no *.config.ts declares`);
    const { env, fallback, meaning } = setting;
    return language === 'en' ? [code(env), fallback, meaning] : [code(env), inChinese(fallback), zh];
  });
  return table(head, rows);
}

function inChinese(fallback: string): string {
  return fallback
    .replace('**required**', '**必填**')
    .replace('unset', '未设置')
    .replace(', secret', '，机密')
    .replace(/ \(production: (.+?)\)/, '（生产环境：$1）');
}
