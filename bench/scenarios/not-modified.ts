import type { LoadScenario } from '../scenario.ts';

export const notModified: LoadScenario = {
  kind: 'load',
  name: 'not-modified',
  title: '304 for a list that the client has',
  connections: 64,
  sides: [
    { label: '304', server: 'minnow', request: 'product-list-unchanged' },
    { label: '200', server: 'minnow', request: 'product-list' },
  ],
  sameAnswer: false,
  expectations: [{ figure: 'cpuUsPerRequest', of: '304', against: '200', atMost: 1 }],
};
