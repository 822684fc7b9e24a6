import { defineConfig } from 'vitest/config';

/** Decorator metadata is what Nest injects by; without this the first decorator is a syntax error. */
const decorators = { decorator: { legacy: true, emitDecoratorMetadata: true } };

const shared = { environment: 'node', testTimeout: 20_000, hookTimeout: 60_000 } as const;

/** Sizes of tests: `unit` needs nothing; the others bring real PostgreSQL, Redis and the WeChat sandbox themselves. */
export default defineConfig({
  oxc: decorators,
  test: {
    projects: [
      {
        oxc: decorators,
        test: {
          ...shared,
          name: 'unit',
          include: ['{src,tools,bench,test/support}/**/*.spec.ts'],
        },
      },
      {
        oxc: decorators,
        test: {
          ...shared,
          name: 'architecture',
          include: ['test/architecture/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        oxc: decorators,
        test: {
          ...shared,
          name: 'stack',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 30_000,
          maxWorkers: 2,
        },
      },
      {
        oxc: decorators,
        test: {
          ...shared,
          name: 'process',
          include: ['test/process/**/*.test.ts', 'test/fault/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
