/**
 * "Why is my backend slow?" answers such a question with measures. Here is each of them, off and on, against the same
 * shop: what a measure brings on Node is what comes out, also when that is nothing.
 */
import { cacheOff, type LoadScenario, type Side } from '../scenario.ts';

type Variant = Omit<Side, 'server' | 'request'> & Partial<Pick<Side, 'server' | 'request'>>;

/** The first variant is without the measure, unless `without` says another; `note` says why it brings what it brings. */
function measure(
  name: string,
  title: string,
  note: string,
  variants: readonly Variant[],
  more: Partial<Pick<LoadScenario, 'connections' | 'without'>> = {},
): LoadScenario {
  return {
    kind: 'load',
    name: `article-${name}`,
    title,
    note,
    connections: 64,
    sides: variants.map(variant => ({ server: 'minnow', request: 'product-detail', ...variant })),
    expectations: [],
    without: variants[0]?.label,
    ...more,
  };
}

const poolOf = (connections: number): Record<string, string> => ({
  ...cacheOff,
  DATABASE_POOL_MAX: String(connections),
  DATABASE_POOL_MIN: String(Math.min(connections, 10)),
});

/** What the article calls the backend before: no measure taken. */
const nothing = { ...poolOf(1), DATABASE_PREPARED_MAX: '0' };

const beforeAndAfter = measure(
  'all',
  'Everything: before and after',
  'Before: one connection to PostgreSQL, statements that are parsed and planned each time, no cache, and a connection ' +
    'for each request. After: the shop as it is delivered, and clients that keep their connections.',
  [
    { label: 'before', env: nothing, transport: 'per-request' },
    { label: 'after', transport: 'keep-alive' },
  ],
);

export const article: readonly LoadScenario[] = [
  beforeAndAfter,
  measure(
    'pool',
    'Connection pool to PostgreSQL',
    'Connections overlap what PostgreSQL does with what Node does, and a few are enough for that: one process of Node ' +
      'has one thread to send statements and read answers with. The article advises 50 to 100; what is more than ' +
      'PostgreSQL has cores for waits inside PostgreSQL instead of here, and adds little.',
    [
      { label: '1 connection', env: poolOf(1) },
      { label: '10 connections', env: poolOf(10) },
      { label: '50 connections', env: poolOf(50) },
    ],
  ),
  measure(
    'prepared',
    'Prepared statements',
    'PostgreSQL parses and plans once a connection instead of once a request. It shows where PostgreSQL is what a ' +
      'request waits for; where Node is, the saving is time in which PostgreSQL idles.',
    [
      { label: 'unprepared', env: { ...cacheOff, DATABASE_PREPARED_MAX: '0' } },
      { label: 'prepared', env: cacheOff },
    ],
  ),
  measure(
    'cache',
    'Cache in Redis, and in the process',
    'Whoever asks for the same product at the same time shares one look into Redis, and this load is 64 clients and 100 ' +
      'products: the less they share, the closer Redis is to a prepared read from PostgreSQL, which is a round trip too. ' +
      'The memory of the process saves the round trip.',
    [
      { label: 'none', env: cacheOff },
      { label: 'Redis', env: { CACHE_LOCAL_ENABLED: 'false' }, needs: ['CACHE_LOCAL_ENABLED'] },
      { label: 'process and Redis' },
    ],
  ),
  measure(
    'json',
    'JSON made for each answer, and kept ready',
    'Measured on bare Fastify, which has every product in memory and adds an ETag as Minnow does: Minnow itself knows ' +
      'no other way than to keep bytes, and its line is complete: token, log line, metrics and spans. A library that ' +
      'writes JSON faster can save a part of this; bytes that are ready save all of it, and the hash and the compression.',
    [
      // First, because its answers are what the others have in memory.
      { label: 'kept by Minnow, complete' },
      { label: 'JSON.stringify', server: 'fastify-in-memory', env: { BENCH_ANSWER: 'stringify' } },
      { label: 'by schema', server: 'fastify-in-memory', env: { BENCH_ANSWER: 'schema' } },
      { label: 'kept', server: 'fastify-in-memory', env: { BENCH_ANSWER: 'bytes' } },
    ],
    { without: 'JSON.stringify' },
  ),
  measure(
    'concurrency',
    'Bounded concurrency towards PostgreSQL, 512 connections of clients',
    'The article bounds goroutines. Node runs one thing at a time anyway; what can be too much is work that waits in ' +
      'PostgreSQL, and the pool bounds it.',
    [
      { label: 'up to 100', env: poolOf(100) },
      { label: 'up to 10', env: poolOf(10) },
    ],
    { connections: 512 },
  ),
  measure(
    'connections',
    'Kept connections, and HTTP/2',
    'All without TLS, whose handshakes a kept connection saves as well. HTTP/2 has 64 requests under way at once on four ' +
      'connections; between a balancer and the shop it saves no handshake that keep-alive does not save, and Node ' +
      'frames streams in more steps than it parses HTTP/1.1.',
    [
      { label: 'one for each request', env: cacheOff, transport: 'per-request' },
      { label: 'keep-alive', env: cacheOff, transport: 'keep-alive' },
      { label: 'HTTP/2', env: cacheOff, transport: 'http2' },
    ],
  ),
];
