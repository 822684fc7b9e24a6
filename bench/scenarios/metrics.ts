import { cacheOff, type LoadScenario } from '../scenario.ts';

const request = 'product-detail';

export const metrics: LoadScenario = {
  kind: 'load',
  name: 'metrics',
  title: 'Metrics on and off',
  connections: 64,
  sides: [
    { label: 'on', server: 'minnow', request, env: cacheOff },
    {
      label: 'off',
      server: 'minnow',
      request,
      env: { ...cacheOff, METRICS_ENABLED: 'false' },
      needs: ['METRICS_ENABLED'],
    },
  ],
  expectations: [{ figure: 'cpuUsPerRequest', of: 'on', against: 'off', atMost: 1.05 }],
};
