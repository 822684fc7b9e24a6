import type { LoadScenario } from '../scenario.ts';

const request = 'cart-write';

export const cartWrite: LoadScenario = {
  kind: 'load',
  name: 'cart-write',
  title: 'Cart write: one line set, the whole cart answered',
  connections: 64,
  sides: [
    { label: 'minnow', server: 'minnow', request },
    { label: 'usual Nest', server: 'usual-nest', request },
  ],
  expectations: [{ figure: 'requestsPerSecond', of: 'minnow', against: 'usual Nest', atLeast: 2 }],
};
