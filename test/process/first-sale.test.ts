import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beijingDayOf } from '../../src/kernel/beijing-time.ts';
import { commandOf, identityOf } from '../../tools/embedded/processes.ts';
import { childrenOf } from '../support/children.ts';
import {
  launcherPid,
  processesOf,
  realShop,
  REPOSITORY,
  runScript,
  startByNode,
  startByNpm,
  until,
  untilReady,
  type Run,
  type StubShop,
} from './support.ts';

/** The commands a person types, against the real shop. */
describe.skipIf(process.platform !== 'linux')('the first sale', { timeout: 120_000 }, () => {
  let shop: StubShop;
  let runs: Run[];

  const keep = (run: Run): Run => (runs.push(run), run);
  const demo = (): Run => keep(runScript(shop, join(REPOSITORY, 'tools/demo/main.ts')));
  const database = (args: readonly string[], env?: NodeJS.ProcessEnv): Run =>
    keep(runScript(shop, join(REPOSITORY, 'tools/database.ts'), args, env));
  const reconcile = (date: string): Run =>
    keep(
      runScript(shop, join(REPOSITORY, 'tools/operate.ts'), [
        'modules/payment/bill/reconcile',
        '--date',
        date,
      ]),
    );
  const outcome = async (run: Run): Promise<{ code: number | string; output: string }> => ({
    code: await run.ended,
    output: run.output(),
  });

  beforeEach(async () => {
    shop = await realShop();
    runs = [];
  });

  afterEach(async () => {
    for (const run of runs) run.child.kill('SIGTERM');
    await Promise.all(runs.map(run => run.ended));
    rmSync(dirname(shop.dataDir), { recursive: true, force: true });
  });

  it('is made by the demo, and again after the running shop lost its data', async () => {
    const launcher = keep(startByNode(shop));
    await untilReady(launcher);
    const first = await outcome(demo());
    expect(first).toMatchObject({ code: 0, output: expect.stringMatching(/Order \S+ is paid/) });
    expect(first.output).not.toMatch(/eyJ|Bearer/);
    const reset = await outcome(database(['reset']));
    expect(reset).toMatchObject({ code: 0, output: expect.stringContaining('seeded') });
    expect(await outcome(demo())).toMatchObject({ code: 0 });
    launcher.child.kill('SIGTERM');
    expect(await launcher.ended).toBe(0);
    expect(await outcome(demo())).toMatchObject({ code: 1, output: expect.stringContaining('npm start') });
    // The data is where the next command finds it, with nobody serving it.
    const migrate = await outcome(database(['migrate']));
    expect(migrate).toMatchObject({ code: 0, output: expect.stringContaining('up to date') });
    expect(processesOf(shop.dataDir)).toEqual([]);
  });

  it('can be compared with WeChat’s bill, and the command ends as the comparison does', async () => {
    await untilReady(keep(startByNode(shop)));
    expect(await outcome(demo())).toMatchObject({ code: 0 });
    const today = beijingDayOf(new Date());
    expect(await outcome(reconcile(today))).toMatchObject({
      code: 2,
      output: expect.stringContaining('WeChat refused bill'),
    });
    await fetch(`http://127.0.0.1:${shop.env['SANDBOX_PORT']}/__sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ billsAtOnce: true }),
    });
    expect(await outcome(reconcile(today))).toMatchObject({
      code: 0,
      output: expect.stringMatching(/payments +here +1 = .*no differences/s),
    });
  });

  it('is served by several processes if they are asked for, and none of them outlives npm', async () => {
    const several = { ...shop, env: { ...shop.env, WEB_CONCURRENCY: '2' } };
    const npm = keep(startByNpm(several));
    await untilReady(npm);
    const primary = childrenOf(launcherPid(shop)).find(pid => commandOf(pid).includes('dist/main.js'))!;
    const members = await until(() => childrenOf(primary).length === 2, 20_000, 'two processes').then(() =>
      childrenOf(primary),
    );
    expect(await outcome(demo())).toMatchObject({ code: 0 });
    npm.child.kill('SIGTERM');
    expect(await npm.ended).toBe(0);
    const isAlive = (pid: number): boolean => identityOf(pid) !== undefined;
    await until(() => ![primary, ...members].some(isAlive), 15_000, 'all processes gone');
  });

  it('leaves no database behind when a command is stopped', async () => {
    const run = database(['reset']);
    await expect.poll(() => processesOf(shop.dataDir).length, { timeout: 20_000 }).toBeGreaterThan(0);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(130);
    expect(processesOf(shop.dataDir)).toEqual([]);
  });

  it.each([
    ['in production', { NODE_ENV: 'production', DATABASE_URL: 'postgres://127.0.0.1:1/shop' }, 'NODE_ENV'],
    ['without a database in production', { NODE_ENV: 'production' }, 'DATABASE_URL is not set'],
    ['on another machine', { DATABASE_URL: 'postgres://db.example/shop' }, 'db.example'],
    [
      'on one hidden in a parameter',
      { DATABASE_URL: 'postgres://127.0.0.1/shop?host=db.example' },
      'db.example',
    ],
  ])('deletes nothing %s', async (_, env, reason) => {
    expect(await outcome(database(['reset'], env))).toMatchObject({
      code: 1,
      output: expect.stringContaining(reason),
    });
  });
});
