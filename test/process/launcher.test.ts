import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf } from '../../tools/embedded/processes.ts';
import {
  launcherPid,
  processesOf,
  REPOSITORY,
  runFileExists,
  startByNode,
  startByNpm,
  stubShop,
  until,
  untilReady,
  type Run,
  type StubShop,
} from './support.ts';

/** What npm, and so whoever pressed Ctrl-C, waits at most. */
const npmStopMs = 5_000;
/** For dangers that no database is part of: saves starting one. */
const WITHOUT_STORES = { DATABASE_URL: 'postgres://elsewhere', REDIS_URL: 'redis://elsewhere' };

async function stops(run: Run, stop: () => void): Promise<number | string> {
  stop();
  return run.ended;
}

async function nothingRuns(shop: StubShop, withinMs = 15_000): Promise<void> {
  await until(() => processesOf(shop.root).length === 0, withinMs, 'all processes gone').catch(error => {
    throw new Error(`still running:\n${processesOf(shop.root).join('\n')}`, { cause: error });
  });
}

async function environmentOf(shop: StubShop): Promise<Record<string, string>> {
  return (await (await fetch(shop.url)).json()) as Record<string, string>;
}

describe.skipIf(process.platform !== 'linux')('the launcher', { timeout: 90_000 }, () => {
  let shop: StubShop;
  let runs: Run[];
  const node = (env?: NodeJS.ProcessEnv): Run => keep(startByNode(shop, env));
  const keep = (run: Run): Run => (runs.push(run), run);

  beforeEach(async () => {
    shop = await stubShop();
    runs = [];
  });

  afterEach(async () => {
    for (const run of runs) run.child.kill('SIGTERM');
    await Promise.all(runs.map(run => run.ended));
    await nothingRuns(shop);
    rmSync(shop.root, { recursive: true, force: true });
  });

  it('stops everything on SIGTERM and finds its data and secrets again', async () => {
    const first = node();
    await untilReady(first);
    const before = await environmentOf(shop);
    expect(before).toMatchObject({ NODE_ENV: 'development', WECHAT_APP_ID: 'wx-stub', HOST: '127.0.0.1' });
    expect(readFileSync(join(shop.dataDir, 'steps'), 'utf8')).toBe('migrated seeded ');
    await until(() => first.output().includes('warn stub says hello'), 15_000, 'the app warned');
    expect(await stops(first, () => first.child.kill('SIGTERM'))).toBe(0);
    expect(processesOf(shop.root)).toEqual([]);

    const second = node();
    await untilReady(second);
    const after = await environmentOf(shop);
    expect(after['AUTH_DATA_KEY']).toBe(before['AUTH_DATA_KEY']);
    expect(after['DATABASE_URL']?.split('@')[0]).toBe(before['DATABASE_URL']?.split('@')[0]);
  });

  it('survives an impatient Ctrl-C', async () => {
    const run = node();
    await untilReady(run);
    const group = -(run.child.pid ?? 0);
    const code = await stops(run, () => {
      process.kill(group, 'SIGINT');
      process.kill(group, 'SIGINT');
    });
    expect(code).toBe(0);
    expect(processesOf(shop.root)).toEqual([]);
  });

  it('stops although the app ignores the request', async () => {
    const run = node(WITHOUT_STORES);
    await untilReady(run);
    await fetch(`${shop.url}/hang`);
    expect(await stops(run, () => run.child.kill('SIGTERM'))).toBe(0);
    expect(processesOf(shop.root)).toEqual([]);
  });

  it('stops when it is asked to while it is still starting', async () => {
    const run = node();
    await until(() => processesOf(shop.dataDir).length > 0, 20_000, 'a service starts');
    expect(await stops(run, () => run.child.kill('SIGTERM'))).toBe(0);
    await nothingRuns(shop);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('stops when only npm gets %s', async signal => {
    const run = keep(startByNpm(shop));
    await untilReady(run);
    const began = performance.now();
    expect(await stops(run, () => run.child.kill(signal))).toBe(0);
    expect(performance.now() - began).toBeLessThan(npmStopMs);
    await nothingRuns(shop);
  });

  it('stops when npm is killed with -9', async () => {
    const run = keep(startByNpm(shop));
    await untilReady(run);
    run.child.kill('SIGKILL');
    await nothingRuns(shop);
    expect(runFileExists(shop)).toBe(false);
  });

  it('leaves no process when it is killed with -9, and starts again at once', async () => {
    const first = node();
    await untilReady(first);
    process.kill(launcherPid(shop), 'SIGKILL');
    await first.ended;
    const second = node();
    await untilReady(second);
  });

  it('starts again after every process was killed with -9', async () => {
    const first = node();
    await untilReady(first);
    // Children first, so that the reaper has nobody left to be kind to.
    const pids = processesOf(shop.root).map(line => Number.parseInt(line, 10));
    for (const pid of pids.filter(pid => pid !== first.child.pid)) process.kill(pid, 'SIGKILL');
    first.child.kill('SIGKILL');
    await first.ended;
    const second = node();
    await untilReady(second);
  });

  it('refuses to run twice on the same data', async () => {
    const first = node(WITHOUT_STORES);
    await untilReady(first);
    const second = node();
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`already running on this data directory (pid ${first.child.pid})`);
    expect((await fetch(shop.url)).status).toBe(200);
  });

  it('names the variable of a taken port before it starts anything', async () => {
    const taken = createServer().listen(Number(shop.env['PORT']), '127.0.0.1');
    await once(taken, 'listening');
    const run = node();
    expect(await run.ended).toBe(1);
    taken.close();
    expect(run.output()).toContain('set PORT to another one');
    expect(run.output()).not.toContain('Starting');
  });

  it('ends with the reason when the app dies by itself', async () => {
    const run = node(WITHOUT_STORES);
    await untilReady(run);
    await fetch(`${shop.url}/die`).catch(() => undefined);
    expect(await run.ended).toBe(1);
    expect(run.output()).toContain('The shop ended with code 3');
    expect(run.output()).toContain('stub is dying');
  });

  it('embeds nothing in production and hands the process over to the app', async () => {
    const run = node({ NODE_ENV: 'production' });
    await until(() => run.output().includes('stub says hello'), 20_000, 'the app runs');
    expect(processesOf(shop.root)).toHaveLength(1);
    const env = await environmentOf(shop);
    expect(env['DATABASE_URL']).toBeUndefined();
    expect(env['AUTH_JWT_SECRET']).toBeUndefined();
  });

  it('embeds only what has no variable', async () => {
    const run = node({ REDIS_URL: 'redis://elsewhere:6379', WECHAT_APP_ID: 'wx-real' });
    await untilReady(run);
    const env = await environmentOf(shop);
    expect(env).toMatchObject({ REDIS_URL: 'redis://elsewhere:6379', WECHAT_APP_ID: 'wx-real' });
    expect(env['DATABASE_URL']).toMatch(/^postgres:\/\/minnow:/);
    expect(processesOf(join(shop.dataDir, 'redis'))).toEqual([]);
  });

  it('refuses a bad setting before the database is touched', async () => {
    const run = node({ BAD: 'yes' });
    expect(await run.ended).toBe(1);
    expect(run.output()).toContain('BAD: is bad');
    expect(existsSync(join(shop.dataDir, 'steps'))).toBe(false);
  });

  it('is the only one on its data, however many start after one was killed', async () => {
    const script = `import { claimRun } from ${JSON.stringify(join(REPOSITORY, 'tools/launcher/run-file.ts'))};
      const claim = await claimRun(process.argv[1]);
      console.log('claimed');
      process.stdin.on('data', () => { claim.release(); process.exit(0); });`;
    for (let round = 0; round < 4; round++) {
      const leftover = spawn('sleep', ['0.3']);
      const dead = { pid: 4_000_000, identity: 'long gone' };
      const child = { pid: leftover.pid, identity: identityOf(leftover.pid!), signal: 'SIGTERM' };
      mkdirSync(shop.dataDir, { recursive: true });
      writeFileSync(
        join(shop.dataDir, 'run.json'),
        JSON.stringify({ launcher: dead, stopping: false, children: [child] }),
      );
      const starters = Array.from({ length: 3 }, () =>
        spawn(process.execPath, ['--input-type=module-typescript', '-e', script, shop.dataDir]),
      );
      const outcomes = await Promise.all(
        starters.map(starter =>
          Promise.race([
            once(starter.stdout, 'data').then(() => 'claimed'),
            once(starter, 'exit').then(() => 'refused'),
          ]),
        ),
      );
      expect(outcomes.toSorted()).toEqual(['claimed', 'refused', 'refused']);
      for (const starter of starters) starter.stdin.end('release');
      await Promise.all(starters.map(starter => starter.exitCode ?? once(starter, 'exit')));
    }
  });
});
