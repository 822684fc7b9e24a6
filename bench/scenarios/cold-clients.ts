import type { LoadScenario } from '../scenario.ts';

export const coldClients: LoadScenario = {
  kind: 'load',
  name: 'cold-clients',
  title: '1,000 cold clients on one product, 4 processes',
  pending: 'counting database loads over processes needs the cache and WEB_CONCURRENCY',
  connections: 1_000,
  sides: [{ label: 'minnow', server: 'minnow', request: 'product-detail', needs: ['WEB_CONCURRENCY'] }],
  expectations: [{ figure: 'databaseLoads', of: 'minnow', atMost: 1 }],
};
