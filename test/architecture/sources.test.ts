import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './commands.ts';
import { noPauses, parse, sourceRules } from './source-rules.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const production = globSync('src/**/*.ts', { cwd: root }).map(path => parse(path, read(path)));

const service = 'src/modules/cart/cart.service.ts';

/** For every rule, a file that breaks it. */
const broken: Readonly<Record<string, readonly (readonly [path: string, text: string])[]>> = {
  environmentOnlyInConfig: [
    [service, `const limit = process.env['LIMIT'];`],
    [service, `const limit = process['env'].LIMIT;`],
    [service, 'const limit = globalThis.process.env.LIMIT;'],
    [service, 'const { env } = process;'],
    [service, `import { env } from 'node:process';`],
    [service, `import * as process from 'process';`],
  ],
  noSwitchedOffRules: [
    ['src/kernel/id.ts', '// oxlint-disable-next-line no-console'],
    ['src/kernel/id.ts', '/* eslint-disable */'],
    ['src/kernel/id.ts', '// @ts-expect-error'],
  ],
  plainNest: [
    [service, `import { Injectable, NotFoundException } from '@nestjs/common';`],
    [service, `import { HttpException as Oops } from '@nestjs/common';`],
    ['src/modules/cart/cart.module.ts', `import { forwardRef } from '@nestjs/common';`],
    ['src/platform/http/caller.ts', `import { Scope } from '@nestjs/common';`],
    ['src/platform/http/caller.ts', `import { REQUEST } from '@nestjs/core';`],
    [service, `import * as nest from '@nestjs/common';`],
  ],
  sqlInRepositories: [
    [service, `class Carts { go() { return this.transactor.query('select 1'); } }`],
    [service, `class Carts { go() { return this.transactor.manager.find(Cart); } }`],
    [service, `class Carts { constructor(private readonly db: Transactor) { db.execute('delete'); } }`],
    ['src/modules/cart/cart.controller.ts', `const go = (transactor: Transactor) => transactor.query('');`],
  ],
  transactionsInServices: [
    ['src/modules/cart/cart.controller.ts', 'class Carts { go() { return this.transactor.run(work); } }'],
    ['src/modules/cart/cart.repository.ts', 'class Carts { constructor(tx: Transactor) { tx.run(work); } }'],
  ],
  noGlobalFetch: [
    [service, `const answer = await fetch('https://example.com');`],
    ['src/platform/wechat/pay-api.ts', 'const send = globalThis.fetch;'],
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

/** What the house allows, close to what it forbids. */
const innocent: typeof broken = {
  environmentOnlyInConfig: [
    ['src/platform/config/load-config.ts', 'const all = process.env;'],
    [service, 'process.exitCode = 1;'],
    [service, 'const { env } = definition;'],
  ],
  plainNest: [
    ['src/platform/http/problem/problem.filter.ts', `import { HttpException } from '@nestjs/common';`],
    [service, `import * as words from './words.js';`],
  ],
  sqlInRepositories: [
    ['src/modules/cart/cart.repository.ts', `class Carts { go() { return this.transactor.query(''); } }`],
    ['src/platform/events/inbox.ts', `class Inbox { go() { return this.transactor.execute(''); } }`],
    [service, 'class Carts { go() { return this.transactor.run(() => this.pay.query(reference)); } }'],
  ],
  transactionsInServices: [
    [service, 'class Carts { go() { return this.transactor.run(work); } }'],
    ['src/modules/cart/cart.controller.ts', 'class Carts { go() { return this.idempotency.run(work); } }'],
  ],
  noGlobalFetch: [
    ['src/platform/wechat/access-token.ts', 'const token = await this.source.fetch(deadline);'],
  ],
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

  it('lets through what only looks like it', () => {
    const problems = innocent[name]?.flatMap(([path, text]) => rule(parse(path, text))) ?? [];
    expect(problems).toEqual([]);
  });
});

describe('tests', () => {
  it('wait for what they wait for, and never just for a while', () => {
    const paths = globSync(['{src,tools}/**/*.spec.ts', 'test/**/*.test.ts'], { cwd: root });
    expect(paths.filter(path => noPauses(parse(path, read(path))).length > 0)).toEqual([]);
    for (const text of [
      `import { setTimeout as pause } from 'node:timers/promises';`,
      'await new Promise(resolve => setTimeout(resolve, 100));',
    ]) {
      expect(noPauses(parse('test/e2e/login.test.ts', text))).not.toEqual([]);
      expect(noPauses(parse('test/support/until.ts', text))).toEqual([]);
    }
    const faked = `vi.useFakeTimers({ toFake: ['setTimeout'] });`;
    expect(noPauses(parse('src/kernel/clock.spec.ts', faked))).toEqual([]);
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
