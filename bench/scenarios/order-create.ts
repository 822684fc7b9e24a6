import type { LoadScenario } from '../scenario.ts';

const request = 'order-create';

export const orderCreate: LoadScenario = {
  kind: 'load',
  name: 'order-create',
  title: 'Order create, every order another SKU',
  connections: 64,
  sides: [
    { label: 'minnow', server: 'minnow', request },
    { label: 'usual Nest', server: 'usual-nest', request },
  ],
  expectations: [{ figure: 'requestsPerSecond', of: 'minnow', against: 'usual Nest', atLeast: 2 }],
};
