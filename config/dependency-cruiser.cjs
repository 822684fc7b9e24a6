/**
 * Who may import whom: DESIGN "Imports" and docs/decisions/0001-the-house.md as rules. No exceptions are listed here;
 * a rule that is wrong is changed for everybody. test/architecture/imports.test.ts proves that each rule can fail.
 */

/** Calls go down. A module that is not in this table may import no other module. */
const moduleGraph = {
  identity: [],
  inventory: [],
  payment: [],
  push: [],
  catalog: ['inventory'],
  promotion: ['catalog'],
  storefront: ['catalog'],
  cart: ['catalog', 'inventory'],
  order: ['identity', 'catalog', 'cart', 'inventory', 'promotion', 'payment'],
  admin: ['identity', 'catalog', 'inventory', 'promotion', 'order'],
};

const commands = [
  'platform/database/migrate',
  'platform/events/dead-letters',
  'modules/admin/create-staff',
  'modules/payment/bill/reconcile',
];
const entries = `^src/(main|worker|${commands.join('|')})\\.ts$`;
const testCode = '\\.(spec|fixture)\\.ts$';
/** A package by name, found in node_modules or not. */
const packages = (...names) => `(^|node_modules/)(${names.join('|')})(/|$)`;

const graphRules = Object.entries(moduleGraph).map(([name, below]) => ({
  name: `graph-of-${name}`,
  comment: `Calls go down the module graph: ${name} may use ${below.join(', ') || 'no other module'}.`,
  severity: 'error',
  from: { path: `^src/modules/${name}/` },
  to: { path: '^src/modules/', pathNot: `^src/modules/(${[name, ...below].join('|')})/` },
}));

const layers = [
  {
    name: 'kernel-imports-nothing',
    comment: 'The kernel is plain words that everything may use, so it uses nothing but Node.',
    from: { path: '^src/kernel/', pathNot: testCode },
    to: { pathNot: '^src/kernel/', dependencyTypesNot: ['core'] },
  },
  {
    name: 'platform-knows-no-module',
    comment: 'The platform carries every module and therefore knows none.',
    from: { path: '^src/platform/' },
    to: { path: '^src/modules/' },
  },
  {
    name: 'modules-meet-at-contracts',
    comment: 'Of another module only its contract, its events and its Nest module are public.',
    from: { path: '^src/modules/([^/]+)/' },
    to: {
      path: '^src/modules/',
      pathNot: ['^src/modules/$1/', '^src/modules/[^/]+/[^/]+\\.(contract|events|module)\\.ts$'],
    },
  },
  {
    name: 'graph-of-unlisted-module',
    comment:
      'A new module takes its place in the module graph (config/dependency-cruiser.cjs) before it uses another.',
    from: { path: '^src/modules/([^/]+)/', pathNot: `^src/modules/(${Object.keys(moduleGraph).join('|')})/` },
    to: { path: '^src/modules/', pathNot: '^src/modules/$1/' },
  },
  {
    name: 'app-is-the-top',
    comment: 'The table of contents and the entries know everything; nothing below them may know them.',
    from: { path: '^src/(kernel|platform|modules)/' },
    to: { path: '^src/[^/]+\\.ts$' },
  },
  {
    name: 'entries-are-started-not-imported',
    comment: 'Importing an entry starts a server.',
    from: { pathNot: '^src/(main|worker)\\.ts$' },
    to: { path: '^src/(main|worker|serve|work)\\.ts$' },
  },
  {
    name: 'a-start-is-small',
    comment: 'What is loaded before startSmall() is called makes V8’s young generation grow for good.',
    from: { path: '^src/(main|worker)\\.ts$' },
    to: { pathNot: '^src/platform/lifecycle/start-small\\.ts$', dynamic: false },
  },
  {
    name: 'controllers-translate',
    comment: 'A controller that reaches into storage has started to decide.',
    from: { path: '\\.controller\\.ts$' },
    to: { path: '\\.(repository|entity)\\.ts$' },
  },
  {
    name: 'contracts-show-no-table',
    comment: 'Whoever calls a contract would know the columns behind it.',
    from: { path: '\\.contract\\.ts$' },
    to: { path: '\\.(entity|repository)\\.ts$' },
  },
  {
    name: 'repositories-fetch',
    comment: 'A repository that calls upwards has started to decide.',
    from: { path: '\\.repository\\.ts$' },
    to: { path: '\\.(service|controller|consumer)\\.ts$' },
  },
];

const libraries = [
  {
    name: 'fastify-is-the-edge',
    comment: 'Only platform/http knows the HTTP server, so that it can change in one folder.',
    from: { path: '^src/', pathNot: '^src/platform/http/' },
    to: { path: packages('fastify', '@fastify/[^/]+', '@nestjs/platform-fastify') },
  },
  {
    name: 'bull-is-behind-queue',
    comment:
      'Jobs are declared with defineJob; only platform/queue and consumers (their decorators) know Bull.',
    from: { path: '^src/', pathNot: ['^src/platform/queue/', '\\.consumer\\.ts$'] },
    to: { path: packages('bull', '@nestjs/bull') },
  },
  {
    name: 'typeorm-is-behind-repositories',
    comment: 'All SQL of a module is in its repository; entities and migrations only describe tables.',
    from: {
      path: '^src/',
      pathNot: ['^src/platform/database/', '\\.(repository|entity)\\.ts$', '/migrations/'],
    },
    to: { path: packages('typeorm') },
  },
  {
    name: 'pg-is-behind-database',
    comment: 'A connection outside the one bounded pool is a connection that nobody counts.',
    from: { path: '^src/', pathNot: '^src/platform/database/' },
    to: { path: packages('pg') },
  },
  {
    name: 'redis-is-behind-platform',
    comment: 'Connections to Redis are made where their timeouts per role are set.',
    from: { path: '^src/', pathNot: '^src/platform/(redis|queue)/' },
    to: { path: packages('ioredis') },
  },
  {
    name: 'undici-is-behind-platform',
    comment: 'Calls to other servers go through a client that has their deadlines: WeChat’s.',
    from: { path: '^src/', pathNot: '^src/platform/wechat/' },
    to: { path: packages('undici') },
  },
  {
    name: 'swagger-writes-documents',
    comment:
      'Serving has no use for it, and every process would load it: say it with platform/http/documented.',
    from: { path: '^src/' },
    to: { path: packages('@nestjs/swagger'), dependencyTypesNot: ['type-import'] },
  },
];

const hygiene = [
  {
    name: 'no-cycles',
    comment: 'A cycle means that two files are one, or that one of them is in the wrong place.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-barrels',
    comment: 'An index file hides where things are and loads what nobody asked for.',
    from: {},
    to: { path: '(^|/)index\\.ts$' },
  },
  {
    name: 'no-tools-in-production',
    comment: 'What we ship does not know how it is tested, built or played with.',
    from: { path: '^src/', pathNot: testCode },
    to: { path: ['^(tools|test|bench|config)/', testCode] },
  },
  {
    name: 'no-dev-dependencies-in-production',
    comment: 'The image has production dependencies only.',
    from: { path: '^src/', pathNot: testCode },
    to: { dependencyTypes: ['npm-dev'] },
  },
  {
    name: 'every-import-resolves',
    comment: 'What package.json does not list may be gone after the next install.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'every-package-is-listed',
    comment: 'What package.json does not list may be gone after the next install.',
    from: {},
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'no-dead-files',
    comment: 'A file that no entry reaches does nothing: connect it or delete it.',
    from: { path: entries },
    to: { path: '^src/', pathNot: [entries, testCode, '/migrations/'], reachable: false },
  },
];

module.exports = {
  forbidden: [...layers, ...graphRules, ...libraries, ...hygiene].map(rule => ({
    severity: 'error',
    ...rule,
  })),
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Types count: a type from the wrong place is a dependency too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
