import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { build } from '../../tools/build.ts';
import { startStack } from '../../tools/embedded/stack.ts';
import { migrate } from './databases.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `DATABASE_URL` of a migrated template, `REDIS_URL`, `WECHAT_*`. */
    stackEnv: Readonly<Record<string, string>>;
    sandboxUrl: string;
  }
}

/** One PostgreSQL, one Redis and one WeChat sandbox for the whole run; every test file has a database of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = resolve(import.meta.dirname, '../..');
  await build(root);
  const stack = await startStack({
    services: ['postgres', 'redis', 'sandbox'],
    sandboxPort: 0,
    sandboxMain: resolve(root, 'tools/wechat-sandbox/main.ts'),
  });
  try {
    await migrate(root, stack.env['DATABASE_URL']!);
  } catch (error) {
    await stack.stop();
    throw error;
  }
  project.provide('stackEnv', stack.env);
  project.provide('sandboxUrl', stack.sandboxUrl!);
  return () => stack.stop();
}
