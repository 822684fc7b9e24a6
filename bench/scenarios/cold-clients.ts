import type { BurstScenario, Side } from '../scenario.ts';

const four: Omit<Side, 'label'> = {
  server: 'minnow',
  request: 'product-detail',
  needs: ['WEB_CONCURRENCY', 'CACHE_SHARE_LOADS'],
};

export const coldClients: BurstScenario = {
  kind: 'burst',
  name: 'cold-clients',
  title: '1,000 cold clients on one product, 4 processes',
  connections: 1_000,
  sides: [
    { ...four, label: 'one for all', env: { WEB_CONCURRENCY: '4' } },
    { ...four, label: 'each for itself', env: { WEB_CONCURRENCY: '4', CACHE_SHARE_LOADS: 'false' } },
  ],
  note: 'Another product each round, of which neither a process nor Redis has anything. Latency is of the whole burst.',
  expectations: [
    { figure: 'databaseLoads', of: 'one for all', atMost: 1, everyRound: true },
    { figure: 'databaseLoads', of: 'each for itself', atMost: 4, everyRound: true },
  ],
};
