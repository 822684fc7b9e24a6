import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';
import { createCredentials } from './credentials.ts';
import { callPay, control, paymentParams, prepayBody } from './merchant.fake.ts';
import { createSandbox } from './sandbox.ts';
import { openShop } from './shop.fake.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'minnow-sandbox-'));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

const main = join(import.meta.dirname, 'main.ts');

async function start() {
  const child = spawn(process.execPath, [main, '--port', '0', '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, ...(JSON.parse(line) as { url: string; env: Record<string, string> }) };
}

it('keeps credentials, users and trades over a kill -9, privately, and stops on TERM', async () => {
  const first = await start();
  const remote = { ...first, listen: async () => {}, close: async () => {} };
  const { body: login } = await control(remote, 'login-codes', {});
  const body = prepayBody(first.env, String(login['openid']));
  const prepaid = await callPay(remote, { path: '/v3/pay/transactions/jsapi', body });
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  appendFileSync(join(dataDir, 'state.jsonl'), '["trades","half a li');

  const second = await start();
  const again = { ...second, listen: async () => {}, close: async () => {} };
  expect({ ...second.env, ...urls(first.url) }).toEqual(first.env);
  const params = paymentParams(second.env, prepaid.body['prepay_id']);
  expect((await control(again, 'payments', params)).status).toBe(200);
  expect(statSync(join(dataDir, 'state.jsonl')).mode & 0o777).toBe(0o600);
  expect(await startTwice(second.url)).toBe(1);
  await control(again, 'login-codes', { openid: 'after-the-rival' });
  expect(readFileSync(join(dataDir, 'state.jsonl'), 'utf8')).toContain('after-the-rival');
  second.child.kill('SIGTERM');
  expect(await once(second.child, 'exit')).toEqual([0, null]);
});

it('delivers after a restart what the one before could not', async () => {
  const shop = await openShop();
  const before = createSandbox({ dataDir, retryFactor: 1 });
  await before.listen();
  const { body: login } = await control(before, 'login-codes', {});
  const body = prepayBody(before.env, String(login['openid']), { notify_url: shop.notifyUrl });
  const { body: prepaid } = await callPay(before, { path: '/v3/pay/transactions/jsapi', body });
  await control(before, 'faults', { notify: { delayMs: 3_600_000 } });
  await control(before, 'payments', paymentParams(before.env, prepaid['prepay_id']));
  await before.close();

  const after = createSandbox({ dataDir });
  await after.listen();
  await expect.poll(() => shop.received.length, { timeout: 5000 }).toBe(1);
  await after.close();
  shop.close();
});

it('gives a shop of an earlier version the push keys it lacks, and no other identity', async () => {
  const { pushToken: _token, pushAesKey: _key, ...earlier } = createCredentials(Date.now());
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, 'state.jsonl'), `${JSON.stringify(['credentials', 'self', earlier])}\n`);
  const envs = [];
  for (let start = 0; start < 2; start++) {
    const sandbox = createSandbox({ dataDir });
    await sandbox.listen();
    envs.push({ ...sandbox.env, ...urls('') });
    await sandbox.close();
  }
  expect(envs[0]).toMatchObject({ WECHAT_APP_ID: earlier.appId, WECHAT_PAY_API_V3_KEY: earlier.apiV3Key });
  expect(envs[0]?.['WECHAT_PUSH_TOKEN']).toHaveLength(32);
  expect(envs[1]).toEqual(envs[0]);
});

/** A second sandbox on a taken port and the same folder. */
async function startTwice(url: string): Promise<unknown> {
  const rival = spawn(process.execPath, [main, '--port', new URL(url).port, '--data-dir', dataDir]);
  children.push(rival);
  return (await once(rival, 'exit'))[0];
}

function urls(url: string): Record<string, string> {
  return { WECHAT_API_BASE_URL: url, WECHAT_PAY_BASE_URL: url };
}
