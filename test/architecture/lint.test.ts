import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lint, root, withTree, type Files, type Finding } from './commands.ts';

const service = 'src/modules/cart/cart.service.ts';
const names = (count: number): string => Array.from({ length: count }, (_, index) => `p${index}`).join();
const parameters = (count: number): string => names(count).replace(/\d/g, '$&: number');
const statements = (count: number): string => 'work();\n'.repeat(count);
const branches = (count: number): string =>
  `export const pick = (n: number) => { ${Array.from({ length: count }, (_, i) => `if (n === ${i}) work();`).join(' ')} };`;

/** A promise of DESIGN and a file that breaks it. */
const violations: readonly (readonly [rule: string, path: string, text: string])[] = [
  ['typescript/no-explicit-any', service, 'export const anything = (value: any) => value;'],
  ['typescript/no-explicit-any', 'tools/cart/main.ts', 'export const anything = (value: any) => value;'],
  ['typescript/no-unsafe-assignment', service, `export const parsed = JSON.parse('1');`],
  ['typescript/no-floating-promises', service, 'export const start = () => { wait(); };'],
  ['typescript/no-floating-promises', 'test/cart/cart.test.ts', 'export const start = () => { wait(); };'],
  ['typescript/no-misused-promises', service, 'export const start = () => { if (wait()) work(); };'],
  [
    'typescript/return-await',
    service,
    'export const start = async () => { try { return wait(); } catch { return 1; } };',
  ],
  ['typescript/only-throw-error', service, `export const fail = () => { throw 'no'; };`],
  [
    'typescript/switch-exhaustiveness-check',
    service,
    `export const price = (kind: 'a' | 'b') => { switch (kind) { case 'a': return 1; } };`,
  ],
  [
    'typescript/consistent-type-imports',
    'tools/cart/main.ts',
    `import { Shop } from './shop.ts';\nexport type Both = Shop;`,
  ],
  ['import/no-default-export', service, 'export default class Cart {}'],
  ['no-console', service, `console.log('sold');`],
  ['no-console', 'src/app.module.ts', `console.log('sold');`],
  ['no-unused-vars', service, 'const unused = 1;'],
  ['prefer-const', service, 'let total = 1; work(total);'],
  ['eqeqeq', service, 'export const same = (a: number, b: number) => a == b;'],
  ['complexity', service, branches(10)],
  [
    'max-depth',
    service,
    'export const deep = (n: number) => { if (n) { if (n) { if (n) { if (n) work(); } } } };',
  ],
  ['max-params', service, `export class Cart { constructor(${parameters(7)}) {} }`],
  ['max-lines', service, statements(301)],
  ['max-lines', 'test/cart/cart.test.ts', statements(501)],
  ['max-lines-per-function', service, `export const long = () => {\n${statements(40)}};`],
  [
    'vitest/no-focused-tests',
    'src/modules/cart/cart.spec.ts',
    `import { it } from 'vitest';\nit.only('sells', () => {});`,
  ],
];

/** What the same rules let through, where they are meant to. */
const allowed: readonly (readonly [path: string, text: string])[] = [
  ['src/serve.ts', `console.error('cannot start');`],
  ['tools/cart/main.ts', `console.log('step 1');`],
  ['config/vitest.config.ts', 'export default {};'],
  ['src/modules/cart/cart.spec.ts', `export const long = () => {\n${statements(100)}};`],
  ['src/modules/cart/migrations/20260101000000-cart.ts', `export const up = () => {\n${statements(100)}};`],
  [service, `export class Cart { constructor(${parameters(6)}) { work([${names(6)}]); } }`],
];

const globals = `
declare function work(value?: unknown): void;
declare function wait(): Promise<void>;
declare const console: { log(text: string): void; error(text: string): void };
`;
const compilerOptions = { strict: true, target: 'ES2023', module: 'nodenext', types: [] };
const surroundings: Files = {
  'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src', 'tools', 'test', 'config'] }),
  'config/oxlint.json': readFileSync(join(root, 'config/oxlint.json'), 'utf8'),
  'src/globals.d.ts': globals,
};

/** Each case has a folder of its own, so that one run of the linter judges them all. */
const violating = violations.map(([rule, path, text], index) => [rule, apart(path, index), text] as const);
const innocent = allowed.map(
  ([path, text], index) => [apart(path, violations.length + index), text] as const,
);
const cases = Object.fromEntries([...violating.map(([, path, text]) => [path, text]), ...innocent]) as Files;
const found = lintInside('src/test/tools', { ...surroundings, ...cases });

function apart(path: string, index: number): string {
  return path.replace('cart/', `cart-${index}/`);
}

/** The names of the folders in which somebody keeps the clone must not matter. */
function lintInside(clone: string, files: Files): readonly Finding[] {
  const moved = Object.entries(files).map(([path, text]) => [`${clone}/${path}`, text]);
  return withTree(Object.fromEntries(moved) as Files, directory =>
    lint(join(directory, clone), 'config/oxlint.json', ['src', 'tools', 'test', 'config']),
  );
}

describe('the linter', () => {
  it('refuses what the house refuses', () => {
    const missed = violating.filter(
      ([rule, path]) => !found.some(it => it.rule === rule && it.file === path),
    );
    expect(missed.map(([rule, path]) => `${rule} in ${path}`)).toEqual([]);
  });

  it('lets entries, tools, tests and migrations be what they are', () => {
    const paths = new Set(innocent.map(([path]) => path));
    expect(found.filter(({ file }) => paths.has(file))).toEqual([]);
  });
});
