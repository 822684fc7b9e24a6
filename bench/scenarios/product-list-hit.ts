import type { LoadScenario } from '../scenario.ts';

const request = 'product-list';

export const productListHit: LoadScenario = {
  kind: 'load',
  name: 'product-list-hit',
  title: 'Product list, page of 20, hit in the process',
  connections: 64,
  sides: [
    { label: 'minnow', server: 'minnow', request, needs: ['CACHE_ENABLED'] },
    { label: 'node:http', server: 'node-http', request },
  ],
  expectations: [
    { figure: 'requestsPerSecond', of: 'minnow', against: 'node:http', atLeast: 0.45 },
    { figure: 'cpuUsPerRequest', of: 'minnow', against: 'node:http', atMost: 1 / 0.45 },
  ],
};
