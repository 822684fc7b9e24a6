/** Writes the configuration tables from the schemas: `node tools/docs/configuration.ts [--check]`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ConfigSliceClass } from '../../src/platform/config/config-slice.ts';
import { build } from '../build.ts';
import { essentials } from './essentials.ts';
import { root, table, writeOrCheck } from './generated.ts';

interface Setting {
  readonly key: string;
  readonly env: string;
  readonly fallback: string;
  readonly meaning: string;
}

type Overrides = Record<string, Record<string, unknown> | undefined> | null;

/** `most connections; default 4 a core` says its own default: the value would depend on the machine. */
const spokenDefault = /[;,] default:? (.+)$/;

await build(root);
const { configSlices } = await load<typeof import('../../src/app.config.ts')>('app.config.js');
const { fieldMeta } = await load<typeof import('../../src/platform/config/config-slice.ts')>(
  'platform/config/config-slice.js',
);
const base = overrides('default');
const production = overrides('production');
const settings = configSlices.flatMap(settingsOf);

writeOrCheck(
  [
    { file: 'docs/configuration.md', name: 'configuration', lines: configSlices.flatMap(section) },
    { file: 'README.md', name: 'configuration', lines: excerpt(['Variable', 'Default', 'Meaning'], 'en') },
    { file: 'README.zh-CN.md', name: 'configuration', lines: excerpt(['变量', '默认值', '含义'], 'zh') },
  ],
  'node tools/docs/configuration.ts',
);

async function load<Module>(path: string): Promise<Module> {
  return (await import(join(root, 'dist', path))) as Module;
}

function overrides(name: string): Overrides {
  return parse(readFileSync(join(root, 'config', `${name}.yaml`), 'utf8')) as Overrides;
}

function settingsOf(slice: ConfigSliceClass): Setting[] {
  const schema = z.toJSONSchema(z.object(slice.shape), { io: 'input', unrepresentable: 'any' });
  return Object.entries(schema.properties ?? {}).map(([field, property]) => {
    const { env, secret, description } = fieldMeta(slice, field);
    const { default: value, enum: words } = property as z.core.JSONSchema.JSONSchema;
    const required = schema.required?.includes(field) === true;
    return {
      key: `${slice.section}.${field}`,
      env,
      fallback: [
        fallbackOf(slice.section, field, value, description, required),
        ...(secret ? ['secret'] : []),
      ].join(', '),
      meaning: description.replace(spokenDefault, '') + (words ? `: ${words.map(code).join(', ')}` : ''),
    };
  });
}

function fallbackOf(
  section: string,
  field: string,
  value: unknown,
  description: string,
  required: boolean,
): string {
  const common = base?.[section]?.[field] ?? value;
  const spoken = spokenDefault.exec(description)?.[1];
  const text = spoken ?? (common === undefined ? (required ? '**required**' : 'unset') : code(common));
  const inProduction = production?.[section]?.[field];
  return inProduction === undefined ? text : `${text} (production: ${code(inProduction)})`;
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}

function section(slice: ConfigSliceClass): string[] {
  const rows = settings
    .filter(({ key }) => key.startsWith(`${slice.section}.`))
    .map(({ key, env, fallback, meaning }) => [code(env), code(key), fallback, meaning]);
  const head = `## ${slice.section}`;
  const body = table(['Variable', 'Key in YAML', 'Default', 'Meaning'], rows);
  return slice === configSlices[0] ? [head, '', ...body] : ['', head, '', ...body];
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
