import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  globSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../tools/build.ts';
import { freePort } from '../../tools/embedded/ports.ts';
import { startStack } from '../../tools/embedded/stack.ts';
import { migrate } from '../support/databases.ts';
import { call } from '../support/http.ts';
import { Shopper } from '../support/shopper.ts';
import { REPOSITORY, temporaryDirectory, until } from './support.ts';

const run = promisify(execFile);
const bin = join(REPOSITORY, 'node_modules/.bin');
const env = {
  ...process.env,
  PATH: `${dirname(process.execPath)}:${bin}:${process.env['PATH']}`,
  NO_COLOR: '1',
};
const [module, tests] = ['src/modules/gift-card', 'test/integration/gift-card'];

const leftBehind = /^(node_modules|dist.*|coverage|\.git|\.minnow.*)$/;

/** The working copy without what is made from it, on the packages that are installed already. */
function copyRepository(): string {
  const copy = temporaryDirectory();
  for (const name of readdirSync(REPOSITORY)) {
    if (!leftBehind.test(name)) cpSync(join(REPOSITORY, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Every file with the hash of what is in it. */
function contentsOf(directory: string): ReadonlyMap<string, string> {
  const files = globSync('**', { cwd: directory, exclude: ['node_modules', 'dist', '.git'] });
  const hash = (file: string): string =>
    createHash('sha1')
      .update(readFileSync(join(directory, file)))
      .digest('hex');
  return new Map(
    files.filter(file => statSync(join(directory, file)).isFile()).map(file => [file, hash(file)]),
  );
}

interface Card {
  readonly id: string;
  readonly title: string;
  readonly body?: string;
}

/** The built shop of the copy, as a process of its own on servers of its own, for as long as `use` takes. */
async function withShop(copy: string, use: (shop: { url: string; sandboxUrl: string }) => Promise<void>) {
  const stack = await startStack({ services: ['postgres', 'redis', 'sandbox'] });
  try {
    await build(copy);
    await migrate(copy, stack.env['DATABASE_URL']!);
    await withProcess(copy, stack.env, url => use({ url, sandboxUrl: stack.sandboxUrl! }));
  } finally {
    await stack.stop();
  }
}

async function withProcess(copy: string, servers: NodeJS.ProcessEnv, use: (url: string) => Promise<void>) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const secret = (): string => randomBytes(48).toString('base64');
  const own = { NODE_ENV: 'test', PORT: `${port}`, MANAGEMENT_PORT: '0', PUBLIC_BASE_URL: url };
  const secrets = { AUTH_JWT_SECRET: secret(), AUTH_DATA_KEY: secret() };
  const shop = spawn(process.execPath, [join(copy, 'dist/main.js')], {
    cwd: copy,
    env: { ...process.env, ...servers, ...own, ...secrets },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(shop, 'exit');
  try {
    const isUp = () =>
      fetch(`${url}/readyz`).then(
        answer => answer.ok,
        () => false,
      );
    await until(isUp, 30_000, 'the shop of the copy is ready');
    await use(url);
  } finally {
    shop.kill('SIGTERM');
    await exited;
  }
}

/** `nest g` exits 0 even on failure: what counts is what it says and what is in the tree. */
async function generateIn(copy: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, [join(bin, 'nest'), 'g', ...args], {
    cwd: copy,
    env,
  });
  return stdout + stderr;
}

/** One command of the check, in the copy. */
async function passesIn(copy: string, command: string, ...args: readonly string[]): Promise<void> {
  const running = run(process.execPath, [join(bin, command), ...args], { cwd: copy, env });
  await running.catch(({ stdout, stderr }: { stdout: string; stderr: string }) => {
    throw new Error(`${command} failed:\n${stdout}${stderr}`);
  });
}

describe('the generator of features', () => {
  let copy: string;
  let before: ReadonlyMap<string, string>;
  let said: string;

  const generate = (...args: readonly string[]): Promise<string> => generateIn(copy, ...args);
  const passes = (command: string, ...args: readonly string[]): Promise<void> =>
    passesIn(copy, command, ...args);

  beforeAll(async () => {
    copy = copyRepository();
    before = contentsOf(copy);
    said = await generate('feature', 'giftCard');
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('makes a module of the house, and touches nothing but the table of contents and the documents', () => {
    const after = contentsOf(copy);
    const changed = [...after].filter(([file, hash]) => before.get(file) !== hash).map(([file]) => file);
    const roles =
      'contract controller entity errors events module repository schema.spec schema service.spec service';
    const made = [
      'docs/errors.md',
      'docs/openapi.json',
      'src/app.module.ts',
      ...roles.split(' ').map(role => `${module}/gift-card.${role}.ts`),
      `${module}/migrations/<now>-create-gift-cards.ts`,
      `${tests}/gift-card.test.ts`,
    ];
    expect(changed.map(file => file.replace(/\d{14}/, '<now>')).sort()).toEqual(made.sort());
    expect([...before.keys()].filter(file => !after.has(file))).toEqual([]);
    expect(said).toContain(`${module} works.`);
    expect(said).toContain('Next: npm run db:migrate');
  });

  it('makes what passes the check', async () => {
    // Of the other tests only their support: they are as good as they were before.
    const types = { extends: './tsconfig.json', include: ['src', 'test/support', tests] };
    writeFileSync(join(copy, 'tsconfig.made.json'), JSON.stringify(types));
    const rules = ['names', 'routes', 'jobs', 'sources'].map(name => `test/architecture/${name}`);
    const projects = ['--project', 'unit', '--project', 'architecture'];
    await Promise.all([
      passes('vitest', 'run', '--config', 'config/vitest.config.ts', ...projects, module, ...rules),
      passes('tsc', '--noEmit', '-p', 'tsconfig.made.json'),
    ]);
    rmSync(join(copy, 'tsconfig.made.json'));
    const sources = [module, tests, 'src/app.module.ts'];
    await passes('oxlint', '--config', 'config/oxlint.json', '--type-aware', '--deny-warnings', ...sources);
    await passes('depcruise', '--config', 'config/dependency-cruiser.cjs', 'src');
    await passes('prettier', '--config', 'config/prettier.json', '--check', ...sources);
  });

  it('makes what builds, migrates, starts and serves its owner only', async () => {
    await withShop(copy, async shop => {
      const [owner, stranger] = [await Shopper.login(shop), await Shopper.login(shop)];
      const made = await owner.post<Card>('/gift-cards', { title: '生日快乐' }, { key: true });
      const path = `/gift-cards/${made.body.id}`;
      expect([made.status, made.body.title]).toEqual([201, '生日快乐']);
      const changed = await owner.send<Card>('PATCH', path, { body: { body: '一百元' } });
      expect(changed.body).toMatchObject({ title: '生日快乐', body: '一百元' });
      expect((await owner.get(path)).body).toEqual(changed.body);
      expect((await owner.get('/gift-cards')).body).toEqual({ items: [changed.body] });
      expect((await stranger.get('/gift-cards')).body).toEqual({ items: [] });
      expect((await stranger.send('DELETE', path)).status).toBe(404);
      expect((await call('GET', `${shop.url}/api/v1${path}`)).status).toBe(401);
      expect((await owner.post('/gift-cards', { title: ' ' })).status).toBe(400);
      expect((await owner.send('DELETE', path)).status).toBe(204);
      expect((await owner.get(path)).status).toBe(404);
    });
  });

  it('makes tests that pass, and routes that the tests of every route accept', async () => {
    const everyRoute = ['owner-isolation', 'bad-input', 'bad-requests'].map(name => `test/e2e/${name}`);
    const about = ['-t', 'gift.cards|meets no route'];
    const stack = ['run', '--config', 'config/vitest.config.ts', '--project', 'stack'];
    await passes('vitest', ...stack, ...about, tests, ...everyRoute);
  });

  it('adds stock parts that pass the check too, and a house module for a resource', async () => {
    const own = copyRepository();
    const [said, ...ended] = [
      await generateIn(own, 'resource', 'offer', '--type', 'rest'),
      await generateIn(own, 'controller', 'foo'),
      await generateIn(own, 'service', 'foo'),
    ];
    expect(said).toContain('CREATE src/modules/offer/offer.module.ts');
    expect(ended.join('')).not.toContain('.spec.ts');
    const types = { extends: './tsconfig.json', include: ['src'] };
    writeFileSync(join(own, 'tsconfig.made.json'), JSON.stringify(types));
    await passesIn(own, 'tsc', '--noEmit', '-p', 'tsconfig.made.json');
    await passesIn(own, 'prettier', '--config', 'config/prettier.json', '--check', 'src');
    rmSync(own, { recursive: true });
  });

  it('shows in its help what people may ask for, and nothing else', async () => {
    const help = await generate('--help');
    expect(help).toContain('feature');
    expect(help).not.toContain('documents');
  });

  it('changes nothing for a name that is taken, bad or only tried, and says why', async () => {
    const made = contentsOf(copy);
    const answers = await Promise.all([
      generate('feature', 'gift-card'),
      generate('feature', '../gift'),
      generate('feature', 'Review!'),
      generate('feature', 'review', '--dry-run'),
      generate('service', 'foo', '--dry-run'),
    ]);
    const [taken, path, bad, tried, stock] = answers;
    expect(taken).toContain('nothing was made: src/modules/gift-card exists already\n');
    expect(path).toContain(`not '../gift'\n`);
    expect(bad).toContain(`not 'review!'\n`);
    expect(tried).toContain('CREATE src/modules/review/review.module.ts');
    expect(stock).toContain('CREATE src/foo/foo.service.ts');
    expect(contentsOf(copy)).toEqual(made);
  });
});
