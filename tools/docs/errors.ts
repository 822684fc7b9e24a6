/** Writes the list of error codes from the error classes: `node tools/docs/errors.ts [--check]`. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Kernel from '../../src/kernel/app-error.ts';
import type * as HttpErrors from '../../src/platform/http/http.errors.ts';
import type * as Problems from '../../src/platform/http/problem.ts';
import { build } from '../build.ts';
import { fillIn, root, table } from './markdown.ts';

type AppError = Kernel.AppError;
type ErrorClass = new (...args: readonly unknown[]) => AppError;

/** An empty list passes for a list, a text, a number and a record in every constructor; these want to know more. */
const samples: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  HttpError: [],
  PaymentNotPossible: [['captured'], ['closed']],
};
const anything: readonly unknown[] = [[], [], [], []];

await build(root);
const { AppError: Base } = await load<typeof Kernel>('kernel/app-error.js');
const { kindRules } = await load<typeof Problems>('platform/http/problem.js');
const { toAppError } = await load<typeof HttpErrors>('platform/http/http.errors.js');

const sources = globSync('src/{platform,modules}/**/*{.errors,-error}.ts', { cwd: root }).sort();
const errors = [...fromStatuses(), ...(await Promise.all(sources.map(fromFile))).flat()];
const byCode = new Map(errors.map(error => [error.code, error]));
requireComplete();
fillIn('docs/errors.md', 'errors', rows(), 'node tools/docs/errors.ts');

async function load<Module>(path: string): Promise<Module> {
  return (await import(pathToFileURL(join(root, 'dist', path)).href)) as Module;
}

/** What the router and the body parser refuse has a status only; its code is decided in one place. */
function fromStatuses(): AppError[] {
  const statuses = Array.from({ length: 200 }, (_, index) => 400 + index);
  return statuses.map(statusCode => toAppError(Object.assign(new Error('sample'), { statusCode })));
}

async function fromFile(source: string): Promise<AppError[]> {
  const exported = await load<Record<string, unknown>>(source.replace(/^src\//, '').replace(/\.ts$/, '.js'));
  return Object.values(exported)
    .filter((value): value is ErrorClass => typeof value === 'function' && value.prototype instanceof Base)
    .flatMap(one => (samples[one.name] ?? [anything]).map(args => new one(...args)));
}

/** @throws Error naming a code that stands in a source and that no sample produced. */
function requireComplete(): void {
  const written = sources.flatMap(source => {
    const text = readFileSync(join(root, source), 'utf8');
    return [...text.matchAll(/'([a-z_]+(?:\.[a-z_]+)+)'/g)].map(([, code = '']) => code);
  });
  const missing = written.filter(code => !byCode.has(code));
  if (missing.length > 0) throw new Error(`tools/docs/errors.ts has no sample for: ${missing.join(', ')}`);
}

function rows(): string[] {
  const sorted = [...byCode.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  return table(
    ['Code', 'Status', 'Title (zh-CN)', 'Title (en)', 'Try again'],
    sorted.map(({ code, kind, title, retryAfterSeconds }) => {
      const rule = kindRules[kind];
      const { zh, en } = title ?? rule.title;
      return [
        `\`${code}\``,
        String(rule.status),
        zh,
        en,
        retryAfterSeconds === undefined ? '' : 'after `Retry-After`',
      ];
    }),
  );
}
