import type { LoadScenario } from '../scenario.ts';

const request = 'product-detail';

export const processes: LoadScenario = {
  kind: 'load',
  name: 'processes',
  title: 'One process and two on one port',
  connections: 64,
  sides: [
    {
      label: 'two',
      server: 'minnow',
      request,
      env: { WEB_CONCURRENCY: '2' },
      needs: ['WEB_CONCURRENCY'],
    },
    { label: 'one', server: 'minnow', request },
    { label: 'node:http, two', server: 'node-http', request, env: { PROCESSES: '2' } },
    { label: 'node:http, one', server: 'node-http', request },
  ],
  note: 'All on one core: what a second core would add is what a request does not cost more. node:http shows what node:cluster costs by itself there; each process of Minnow has a cache of its own to keep fresh besides.',
  expectations: [
    { figure: 'cpuUsPerRequest', of: 'two', against: 'one', atMost: 1.05 },
    { figure: 'imbalance', of: 'two', atMost: 0.1 },
  ],
};
