import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startRedis } from '../../tools/embedded/redis.ts';
import { startStack } from '../../tools/embedded/stack.ts';
import { processesOf, REPOSITORY, temporaryDirectory, until } from './support.ts';

describe.skipIf(process.platform !== 'linux')('the embedded stack', { timeout: 60_000 }, () => {
  afterEach(() => vi.unstubAllEnvs());

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
    const place = temporaryDirectory();
    vi.stubEnv('TMPDIR', place);
    const stack = await startStack({ services: ['postgres', 'redis'] });
    expect(readdirSync(place)).toHaveLength(1);
    expect(processesOf(place)).not.toEqual([]);
    await stack.stop();
    expect(readdirSync(place)).toEqual([]);
    expect(processesOf(place)).toEqual([]);
    rmSync(place, { recursive: true });
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
