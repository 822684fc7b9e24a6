import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './commands.ts';
import { parse, sourceRules } from './source-rules.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const production = globSync('src/**/*.ts', { cwd: root }).map(path => parse(path, read(path)));

/** For every rule, a file that breaks it. */
const broken: Readonly<Record<string, readonly (readonly [path: string, text: string])[]>> = {
  environmentOnlyInConfig: [['src/modules/cart/cart.service.ts', `const limit = process.env['LIMIT'];`]],
  noSwitchedOffRules: [
    ['src/kernel/id.ts', '// oxlint-disable-next-line no-console'],
    ['src/kernel/id.ts', '/* eslint-disable */'],
    ['src/kernel/id.ts', '// @ts-expect-error'],
  ],
  plainNest: [
    ['src/modules/cart/cart.service.ts', `import { Injectable, NotFoundException } from '@nestjs/common';`],
    ['src/modules/cart/cart.service.ts', `import { HttpException as Oops } from '@nestjs/common';`],
    ['src/modules/cart/cart.module.ts', `import { forwardRef } from '@nestjs/common';`],
    ['src/platform/http/caller.ts', `import { Scope } from '@nestjs/common';`],
  ],
  fewParameters: [
    ['src/kernel/money.ts', 'function add(a: 1, b: 1, c: 1, d: 1, e: 1) {}'],
    ['src/kernel/money.ts', 'const add = (a: 1, b: 1, c: 1, d: 1, e: 1) => 1;'],
    ['src/kernel/money.ts', 'class Purse { add(a: 1, b: 1, c: 1, d: 1, e: 1) {} }'],
  ],
  documentedContracts: [
    ['src/modules/cart/cart.contract.ts', '/** Carts. */ abstract class Carts { abstract list(): void; }'],
  ],
  documentedModules: [['src/modules/cart/cart.module.ts', '@Module({}) export class CartModule {}']],
};

describe.each(Object.entries(sourceRules))('%s', (name, rule) => {
  it('holds everywhere in src', () => {
    const problems = production.flatMap(source => rule(source).map(problem => `${source.path}: ${problem}`));
    expect(problems).toEqual([]);
  });

  it('refuses what it is there to refuse', () => {
    const verdicts = broken[name]?.map(([path, text]) => rule(parse(path, text)).length);
    expect(verdicts?.length).toBeGreaterThan(0);
    expect(verdicts).not.toContain(0);
  });
});

describe('tools, tests and migrations', () => {
  it('run without a compiler, because Node only strips their types', () => {
    const paths = globSync(['{tools,test}/**/*.ts', 'src/**/migrations/*.ts'], {
      cwd: root,
      exclude: ['tools/schematics/**'],
    });
    const refused = paths.filter(path => !isErasable(read(path)));
    expect(refused).toEqual([]);
    expect(isErasable('enum State { Open }')).toBe(false);
  });
});

function isErasable(text: string): boolean {
  try {
    stripTypeScriptTypes(text);
    return true;
  } catch {
    return false;
  }
}
