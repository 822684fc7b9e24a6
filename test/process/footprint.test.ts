import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realShop, startByNode, untilReady, type Run, type StubShop } from './support.ts';

describe.skipIf(process.platform !== 'linux')('a shop that nobody visits', { timeout: 120_000 }, () => {
  let shop: StubShop;
  let launcher: Run;

  beforeEach(async () => {
    shop = await realShop();
    launcher = startByNode(shop);
    await untilReady(launcher);
  });

  afterEach(async () => {
    launcher.child.kill('SIGTERM');
    await launcher.ended;
    rmSync(dirname(shop.dataDir), { recursive: true, force: true });
  });

  it('holds no memory for the objects of requests that nobody has sent', async () => {
    const answer = await fetch(`http://127.0.0.1:${shop.env['MANAGEMENT_PORT']}/metrics`);
    const young = /^nodejs_heap_space_size_total_bytes\{space="new"\} (\d+)$/m.exec(await answer.text());
    expect(Number(young?.[1])).toBeLessThanOrEqual(8 * 2 ** 20);
  });
});
