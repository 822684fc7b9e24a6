import { cacheOff, type LoadScenario } from '../scenario.ts';

const request = 'product-list';

export const productListMiss: LoadScenario = {
  kind: 'load',
  name: 'product-list-miss',
  title: 'Product list, page of 20, cache off',
  connections: 64,
  sides: [
    { label: 'minnow', server: 'minnow', request, env: cacheOff },
    { label: 'usual Nest', server: 'usual-nest', request },
  ],
  expectations: [{ figure: 'requestsPerSecond', of: 'minnow', against: 'usual Nest', atLeast: 3 }],
};
