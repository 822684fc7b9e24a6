import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { cruise, root, withTree, type Files, type Finding } from './commands.ts';

const require = createRequire(import.meta.url);
const { forbidden } = require('../../config/dependency-cruiser.cjs') as {
  forbidden: readonly { name: string }[];
};

const nobody = 'src/platform/cache/nobody.ts';
const typeorm = 'node_modules/typeorm/index.js';

/** One violation of every rule: the rule, the file that breaks it, and what it must not import. */
const violations: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['kernel-imports-nothing', 'src/kernel/money.ts', 'src/platform/cache/cache.ts'],
  ['kernel-imports-nothing', 'src/kernel/id.ts', 'node_modules/zod/index.js'],
  ['platform-knows-no-module', 'src/platform/http/edge.ts', 'src/modules/cart/cart.contract.ts'],
  ['modules-meet-at-contracts', 'src/modules/cart/cart.service.ts', 'src/modules/catalog/catalog.service.ts'],
  [
    'modules-meet-at-contracts',
    'src/modules/order/checkout/draft.ts',
    'src/modules/cart/list/cart.contract.ts',
  ],
  ['graph-of-identity', 'src/modules/identity/session/log-in.ts', 'src/modules/order/order.contract.ts'],
  [
    'graph-of-inventory',
    'src/modules/inventory/inventory.service.ts',
    'src/modules/catalog/catalog.contract.ts',
  ],
  ['graph-of-payment', 'src/modules/payment/payment.service.ts', 'src/modules/order/order.events.ts'],
  ['graph-of-push', 'src/modules/push/push.service.ts', 'src/modules/order/order.contract.ts'],
  ['graph-of-catalog', 'src/modules/catalog/catalog.module.ts', 'src/modules/cart/cart.contract.ts'],
  [
    'graph-of-storefront',
    'src/modules/storefront/storefront.service.ts',
    'src/modules/inventory/inventory.contract.ts',
  ],
  ['graph-of-cart', 'src/modules/cart/cart.module.ts', 'src/modules/order/order.contract.ts'],
  ['graph-of-promotion', 'src/modules/promotion/promotion.service.ts', 'src/modules/order/order.contract.ts'],
  ['graph-of-order', 'src/modules/order/order.service.ts', 'src/modules/storefront/storefront.contract.ts'],
  ['graph-of-admin', 'src/modules/admin/goods/product.service.ts', 'src/modules/cart/cart.contract.ts'],
  [
    'graph-of-unlisted-module',
    'src/modules/review/review.service.ts',
    'src/modules/catalog/catalog.contract.ts',
  ],
  ['app-is-the-top', 'src/modules/cart/cart.repository.ts', 'src/app.config.ts'],
  ['entries-are-started-not-imported', 'tools/demo.ts', 'src/main.ts'],
  ['entries-are-started-not-imported', 'tools/jobs.ts', 'src/work.ts'],
  ['a-start-is-small', 'src/worker.ts', 'src/app.config.ts'],
  ['controllers-translate', 'src/modules/cart/cart.controller.ts', 'src/modules/cart/cart.repository.ts'],
  [
    'contracts-show-no-table',
    'src/modules/identity/identity.contract.ts',
    'src/modules/identity/address.entity.ts',
  ],
  ['repositories-fetch', 'src/modules/order/order.repository.ts', 'src/modules/order/order.service.ts'],
  ['fastify-is-the-edge', 'src/modules/catalog/catalog.controller.ts', 'node_modules/fastify/index.js'],
  ['fastify-is-the-edge', 'src/platform/health/probe.ts', 'node_modules/@fastify/static/index.js'],
  [
    'bull-is-behind-queue',
    'src/modules/order/settlement/order.jobs.ts',
    'node_modules/@nestjs/bull/index.js',
  ],
  ['bull-is-behind-queue', 'src/platform/events/relay.ts', 'node_modules/bull/index.js'],
  ['typeorm-is-behind-repositories', 'src/modules/payment/capture-payment.ts', typeorm],
  ['pg-is-behind-database', 'src/modules/payment/payment.repository.ts', 'node_modules/pg/index.js'],
  ['redis-is-behind-platform', 'src/modules/cart/cart.cache.ts', 'node_modules/ioredis/index.js'],
  ['undici-is-behind-platform', 'src/modules/payment/prepay.ts', 'node_modules/undici/index.js'],
  [
    'swagger-writes-documents',
    'src/modules/catalog/home.controller.ts',
    'node_modules/@nestjs/swagger/index.js',
  ],
  ['no-cycles', 'src/platform/cache/a.ts', 'src/platform/cache/b.ts'],
  ['no-barrels', 'src/platform/cache/c.ts', 'src/platform/cache/index.ts'],
  ['no-tools-in-production', 'src/platform/wechat/client.ts', 'tools/sandbox.ts'],
  ['no-tools-in-production', 'src/platform/wechat/keys.ts', 'src/platform/wechat/wechat.fixture.ts'],
  ['no-dev-dependencies-in-production', 'src/platform/wechat/wire.ts', 'node_modules/vitest/index.js'],
  ['every-import-resolves', 'src/platform/http/hooks.ts', './gone.js'],
  ['every-package-is-listed', 'src/platform/http/answers.ts', 'node_modules/unlisted/index.js'],
  ['no-dead-files', nobody, nobody],
];

/** What the house allows, close to what it forbids. */
const allowed: readonly (readonly [from: string, to: string])[] = [
  ['src/kernel/clock.spec.ts', 'node_modules/vitest/index.js'],
  ['src/modules/order/checkout/place-order.ts', 'src/modules/catalog/catalog.contract.ts'],
  ['src/modules/order/checkout/expire.ts', 'src/modules/payment/payment.events.ts'],
  ['src/modules/order/settlement/order-payment.consumer.ts', 'node_modules/@nestjs/bull/index.js'],
  ['src/modules/order/migrations/20260101000000-orders.ts', typeorm],
  ['src/modules/identity/session/session.repository.ts', typeorm],
  ['src/modules/identity/session/session.controller.ts', 'src/modules/identity/session/session.service.ts'],
  ['src/modules/admin/goods/sku.service.ts', 'src/modules/catalog/catalog.contract.ts'],
  ['src/platform/http/server.ts', 'node_modules/fastify/index.js'],
  ['src/platform/wechat/pay.spec.ts', 'src/platform/wechat/wechat.fixture.ts'],
  ['tools/seed.ts', 'src/app.config.ts'],
];

const packageOf = (path: string): string => /^node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(path)?.[1] ?? '';

/** Enough `../` to reach the root from any file, then down again. */
function specifier(from: string, to: string): string {
  if (to.startsWith('.')) return to;
  return packageOf(to) || `./${'../'.repeat(from.split('/').length - 1)}${to.replace(/ts$/, 'js')}`;
}

function tree(edges: readonly (readonly [from: string, to: string])[]): Files {
  const imports: Record<string, string[]> = { [nobody]: [] };
  for (const [from, to] of edges) {
    (imports[from] ??= []).push(specifier(from, to));
    if (!to.startsWith('.')) imports[to] ??= [];
  }
  const files = Object.entries(imports).map(([file, to]) => [
    file,
    [...to.map(it => `import '${it}';`), ''].join('\n'),
  ]);
  return {
    ...(Object.fromEntries(files) as Files),
    ...packageFiles(Object.keys(imports)),
    'tsconfig.json': '{}',
  };
}

function packageFiles(paths: readonly string[]): Files {
  const names = [...new Set(paths.map(packageOf))].filter(Boolean);
  const dependencies = Object.fromEntries(
    names.filter(name => name !== 'unlisted').map(name => [name, '1.0.0']),
  );
  const { vitest, ...production } = dependencies;
  const own = { name: 'shop', type: 'module', dependencies: production, devDependencies: { vitest } };
  const manifest = (name: string): string => JSON.stringify({ name, version: '1.0.0', main: 'index.js' });
  const manifests = names.map(name => [`node_modules/${name}/package.json`, manifest(name)]);
  return { 'package.json': JSON.stringify(own), ...(Object.fromEntries(manifests) as Files) };
}

function findingsIn(edges: readonly (readonly [from: string, to: string])[]): readonly Finding[] {
  return withTree(tree(edges), directory => cruise(directory, ['src', 'tools']));
}

describe('imports', () => {
  it('keep every rule of the house', () => {
    expect(cruise(root, ['src', 'tools', 'test', 'bench'])).toEqual([]);
  });

  it('are refused by every rule that is written down', () => {
    const edges = violations
      .filter(([rule]) => rule !== 'no-dead-files')
      .map(([, from, to]) => [from, to] as const);
    const found = findingsIn([...edges, ['src/platform/cache/b.ts', 'src/platform/cache/a.ts']]);
    const missed = violations.filter(
      ([rule, file, to]) => !found.some(it => it.rule === rule && it.file === file && it.to === to),
    );
    expect(missed).toEqual([]);
    expect(new Set(violations.map(([rule]) => rule))).toEqual(new Set(forbidden.map(({ name }) => name)));
  });

  it('that the house allows are not refused', () => {
    const found = findingsIn(allowed).filter(({ rule }) => rule !== 'no-dead-files');
    expect(found).toEqual([]);
  });
});
