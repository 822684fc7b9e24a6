import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { startRedis } from '../../tools/embedded/redis.ts';
import { startStack } from '../../tools/embedded/stack.ts';
import { processesOf, REPOSITORY, temporaryDirectory, until } from './support.ts';

const stacks = (): string[] => readdirSync(tmpdir()).filter(name => /^minnow-[^-]+$/.test(name));

describe.skipIf(process.platform !== 'linux')('the embedded stack', { timeout: 60_000 }, () => {
  it('keeps what Redis was told across a restart, and evicts nothing', async () => {
    const dataDir = temporaryDirectory();
    const first = await startRedis({ dataDir });
    const writer = new Redis(first.url);
    await writer.set('job', '1');
    expect(await writer.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    writer.disconnect();
    await first.stop();
    const second = await startRedis({ dataDir });
    const reader = new Redis(second.url);
    expect(await reader.get('job')).toBe('1');
    reader.disconnect();
    await second.destroy();
    expect(processesOf(dataDir)).toEqual([]);
  });

  it('leaves no process and no file after an ephemeral stop', async () => {
    const before = new Set(stacks());
    const stack = await startStack({ services: ['postgres', 'redis'] });
    const [mine = ''] = stacks().filter(name => !before.has(name));
    await stack.stop();
    expect(stacks()).not.toContain(mine);
    expect(processesOf(join(tmpdir(), mine))).toEqual([]);
  });

  it('leaves no process and no file when its owner is killed with -9', async () => {
    const place = temporaryDirectory();
    const script = join(place, 'owner.ts');
    const stack = join(REPOSITORY, 'tools/embedded/stack.ts');
    writeFileSync(
      script,
      `import { startStack } from ${JSON.stringify(stack)};
       await startStack({ services: ['postgres', 'redis'] });
       console.log('ready');`,
    );
    const env = { ...process.env, TMPDIR: place };
    const owner = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await once(owner.stdout, 'data');
    owner.kill('SIGKILL');
    const clean = (): boolean => processesOf(place).length === 0 && readdirSync(place).length === 1;
    await until(clean, 10_000, 'the reaper has cleaned up');
    rmSync(place, { recursive: true, force: true });
  });
});
