import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  APP,
  processesOf,
  saveAsEditor,
  startByNode,
  stubSources,
  until,
  untilReady,
  type Run,
  type StubShop,
} from './support.ts';

/** For dangers that no database is part of: saves starting one. */
const WITHOUT_STORES = { DATABASE_URL: 'postgres://elsewhere', REDIS_URL: 'redis://elsewhere' };

describe.skipIf(process.platform !== 'linux')('npm run dev', () => {
  let shop: StubShop;
  let run: Run;

  const app = (word: string): string => APP.replace('JSON.stringify(process.env)', `'${word}'`);
  const services = (): string[] => processesOf(shop.root).filter(line => line.includes('wechat-sandbox'));
  const answers = (word: string): Promise<void> =>
    until(
      async () => {
        const answer = await fetch(shop.url).catch(() => undefined);
        return (await answer?.text()) === word;
      },
      15_000,
      `the shop answers ${word}`,
    );
  const says = (text: string): Promise<void> =>
    until(() => run.output().includes(text), 15_000, `the launcher says ${text}`);

  beforeEach(async () => {
    shop = await stubSources();
    run = startByNode(shop, WITHOUT_STORES, ['--watch']);
    await untilReady(run);
  });

  afterEach(async () => {
    run.child.kill('SIGTERM');
    await run.ended;
    rmSync(shop.root, { recursive: true, force: true });
  });

  it('keeps the shop running while a source is broken, and restarts nothing but the app', async () => {
    const before = services();
    saveAsEditor(shop, 'src/main.ts', app('first'));
    await answers('first');
    saveAsEditor(shop, 'src/main.ts', 'const = broken');
    await says('the build failed');
    await answers('first');
    saveAsEditor(shop, 'src/main.ts', app('cured'));
    await answers('cured');
    expect(services()).toEqual(before);
  });

  it('waits for the cure of an app that crashes', async () => {
    saveAsEditor(shop, 'src/main.ts', `console.error('oh no'); process.exit(4);`);
    await says('The shop ended with code 4');
    expect(run.output()).toContain('oh no');
    saveAsEditor(shop, 'src/main.ts', app('cured'));
    await answers('cured');
    await fetch(`${shop.url}/die`).catch(() => undefined);
    await says('The shop ended with code 3');
    saveAsEditor(shop, 'src/main.ts', app('again'));
    await answers('again');
  });

  it('sees files of new directories, and migrates when a migration has come', async () => {
    saveAsEditor(shop, 'src/modules/shelf/word.ts', `export const word = 'new';`);
    await says('Restarted');
    saveAsEditor(shop, 'src/modules/shelf/word.ts', `export const word = 'newer';`);
    saveAsEditor(
      shop,
      'src/main.ts',
      `import { word } from './modules/shelf/word.js';${app('X').replace(`'X'`, 'word')}`,
    );
    await answers('newer');
    saveAsEditor(
      shop,
      'src/platform/database/migrate.ts',
      `console.error('no such column'); process.exit(1);`,
    );
    saveAsEditor(shop, 'src/modules/shelf/migrations/1-create-shelf.ts', 'export {};');
    await says('no such column');
    await answers('newer');
  });

  it('stops at once in the middle of a restart', async () => {
    saveAsEditor(shop, 'src/main.ts', app('next'));
    await says('Changed');
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(processesOf(shop.root)).toEqual([]);
  });
});
