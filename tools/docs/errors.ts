/** Writes the list of error codes from the error classes: `node tools/docs/errors.ts [--check]`. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Kernel from '../../src/kernel/app-error.ts';
import type * as HttpErrors from '../../src/platform/http/problem/http.errors.ts';
import type * as ProtocolErrors from '../../src/platform/http/problem/protocol-errors.ts';
import type * as Problems from '../../src/platform/http/problem/problem.ts';
import { build } from '../build.ts';
import { codeProblems } from './error-codes.ts';
import { fillIn, root, table } from './markdown.ts';

type AppError = Kernel.AppError;
type ErrorClass = new (...args: readonly unknown[]) => AppError;

interface Row {
  readonly code: string;
  readonly status: number;
  readonly title: Kernel.LocalizedText;
  readonly isWorthRetrying: boolean;
}

/** An empty list passes for a list, a text, a number and a record in every constructor; these want to know more. */
const samples: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  HttpError: [],
  PaymentNotPossible: [['captured'], ['closed']],
};
const anything: readonly unknown[] = [[], [], [], []];

await build(root);
const { AppError: Base } = await load<typeof Kernel>('kernel/app-error.js');
const { kindRules } = await load<typeof Problems>('platform/http/problem/problem.js');
const { brokenRequest, byParserCode } = await load<typeof ProtocolErrors>(
  'platform/http/problem/protocol-errors.js',
);
const { toAppError } = await load<typeof HttpErrors>('platform/http/problem/http.errors.js');

const sources = globSync('src/{platform,modules}/**/*{.errors,-error}.ts', { cwd: root }).sort();
const thrown = (await Promise.all(sources.map(fromFile))).flat();
const byCode = new Map(
  [...fromParser(), ...[...fromStatuses(), ...thrown].map(toRow)].map(row => [row.code, row]),
);
requireGoodCodes();
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

/** What Node's HTTP parser refuses never becomes an AppError. */
function fromParser(): Row[] {
  return Object.keys(byParserCode).map(parserCode => {
    const [zh, en] = [brokenRequest(parserCode, 'zh'), brokenRequest(parserCode, 'en')];
    return {
      code: zh.code,
      status: zh.status,
      title: { zh: zh.title, en: en.title },
      isWorthRetrying: false,
    };
  });
}

async function fromFile(source: string): Promise<AppError[]> {
  const exported = await load<Record<string, unknown>>(source.replace(/^src\//, '').replace(/\.ts$/, '.js'));
  return Object.values(exported)
    .filter((value): value is ErrorClass => typeof value === 'function' && value.prototype instanceof Base)
    .flatMap(one => (samples[one.name] ?? [anything]).map(args => new one(...args)));
}

function toRow({ code, kind, title, retryAfterSeconds }: AppError): Row {
  const rule = kindRules[kind];
  const isWorthRetrying = retryAfterSeconds !== undefined;
  return { code, status: rule.status, title: title ?? rule.title, isWorthRetrying };
}

/** @throws Error naming a code of another form, or of two classes. */
function requireGoodCodes(): void {
  const classes = thrown.map(error => ({ code: error.code, origin: originOf(error) }));
  const others = [...byCode.keys()].filter(code => !classes.some(one => one.code === code));
  const problems = codeProblems([...classes, ...others.map(code => ({ code, origin: 'platform/http' }))]);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** A subclass is the same to clients as its class, and only logged in other words. */
function originOf(error: AppError): string {
  const parentOf = (one: object): { name: string } => Object.getPrototypeOf(one) as { name: string };
  let origin: { name: string } = error.constructor;
  while (parentOf(origin) !== Base) origin = parentOf(origin);
  return origin.name;
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
    sorted.map(({ code, status, title, isWorthRetrying }) => [
      `\`${code}\``,
      String(status),
      title.zh,
      title.en,
      isWorthRetrying ? 'after `Retry-After`' : '',
    ]),
  );
}
