import type { LoadScenario } from '../scenario.ts';

const request = 'product-detail';

export const productDetailHit: LoadScenario = {
  kind: 'load',
  name: 'product-detail-hit',
  title: 'Product detail, hit in the process, authenticated',
  connections: 64,
  sides: [
    { label: 'minnow', server: 'minnow', request, needs: ['CACHE_ENABLED'] },
    { label: 'node:http', server: 'node-http', request },
    { label: 'usual Nest', server: 'usual-nest', request },
  ],
  expectations: [
    { figure: 'requestsPerSecond', of: 'minnow', against: 'node:http', atLeast: 0.5 },
    // The load may tire before node:http does, which would flatter us: its cost per request does not depend on that.
    { figure: 'cpuUsPerRequest', of: 'minnow', against: 'node:http', atMost: 2 },
    { figure: 'requestsPerSecond', of: 'minnow', against: 'usual Nest', atLeast: 10 },
  ],
};
