import { cacheOff, type LoadScenario } from '../scenario.ts';

const request = 'product-detail';

export const logging: LoadScenario = {
  kind: 'load',
  name: 'logging',
  title: 'Log: one line a request, and none',
  connections: 64,
  sides: [
    { label: 'on', server: 'minnow', request, env: cacheOff },
    { label: 'off', server: 'minnow', request, env: { ...cacheOff, LOG_LEVEL: 'silent' } },
  ],
  expectations: [{ figure: 'cpuUsPerRequest', of: 'on', against: 'off', atMost: 1.2 }],
};
