/**
 * "Why is my backend slow?" answers such a question with measures. Here is each of them, off and on, against the same
 * shop: what a measure brings on Node is what comes out, also when that is nothing.
 */
import { cacheOff, type LoadScenario, type Side } from '../scenario.ts';

type Variant = Omit<Side, 'server' | 'request'> & { readonly request?: Side['request'] };

function measure(
  name: string,
  title: string,
  variants: readonly Variant[],
  more: Partial<Pick<LoadScenario, 'connections' | 'pending' | 'note'>> = {},
): LoadScenario {
  return {
    kind: 'load',
    name: `article-${name}`,
    title,
    connections: 64,
    sides: variants.map(variant => ({ server: 'minnow', request: 'product-detail', ...variant })),
    expectations: [],
    ...more,
  };
}

export const article: readonly LoadScenario[] = [
  measure(
    'pool',
    'Connection pool to PostgreSQL',
    [
      { label: 'pool of 2', env: { ...cacheOff, DATABASE_POOL_MAX: '2', DATABASE_POOL_MIN: '2' } },
      { label: 'pool of 10', env: { ...cacheOff, DATABASE_POOL_MAX: '10', DATABASE_POOL_MIN: '10' } },
      { label: 'pool of 50', env: { ...cacheOff, DATABASE_POOL_MAX: '50', DATABASE_POOL_MIN: '20' } },
    ],
    { note: 'Two connections are the fewest that the shop accepts. The article advises 50 to 100.' },
  ),
  measure('prepared', 'Prepared statements', [
    {
      label: 'unprepared',
      env: { ...cacheOff, DATABASE_PREPARED_MAX: '0' },
      needs: ['DATABASE_PREPARED_MAX'],
    },
    { label: 'prepared', env: { ...cacheOff }, needs: ['DATABASE_PREPARED_MAX'] },
  ]),
  measure('cache', 'Cache: none, Redis, the process and Redis', [
    { label: 'none', env: cacheOff },
    { label: 'L2', env: { CACHE_LOCAL_ENABLED: 'false' }, needs: ['CACHE_ENABLED', 'CACHE_LOCAL_ENABLED'] },
    { label: 'L1 + L2', needs: ['CACHE_ENABLED'] },
  ]),
  measure('json', 'JSON made for each answer, and kept ready', [
    { label: 'made', env: { CACHE_BYTES: 'false' }, needs: ['CACHE_BYTES'] },
    { label: 'kept', needs: ['CACHE_BYTES'] },
  ]),
  measure(
    'concurrency',
    'Concurrency towards PostgreSQL, 512 connections of clients',
    [
      { label: 'up to 100', env: { ...cacheOff, DATABASE_POOL_MAX: '100' } },
      { label: 'up to 10', env: { ...cacheOff, DATABASE_POOL_MAX: '10' } },
    ],
    { connections: 512 },
  ),
  measure(
    'connections',
    'A connection for each request, kept connections, HTTP/2',
    [
      { label: 'per request', env: cacheOff, transport: 'per-request' },
      { label: 'keep-alive', env: cacheOff, transport: 'keep-alive' },
      { label: 'HTTP/2', env: cacheOff, transport: 'http2' },
    ],
    { note: 'All without TLS. HTTP/2 has 64 requests under way at once on four connections.' },
  ),
];
