import { cacheOff, products, type LoadScenario, type Side } from '../scenario.ts';

function onBothSizes(
  name: string,
  title: string,
  asked: Pick<Side, 'request' | 'env' | 'needs'>,
): LoadScenario {
  return {
    kind: 'load',
    name,
    title: `${title}, 560 products and 100,000`,
    connections: 64,
    sides: [
      { label: 'few', server: 'minnow', ...asked },
      { label: 'many', server: 'minnow', ...asked, products: products.many },
    ],
    sameAnswer: false,
    expectations: [{ figure: 'requestsPerSecond', of: 'few', against: 'many', atMost: 1.2 }],
  };
}

export const manyProducts: readonly LoadScenario[] = [
  onBothSizes('many-products-hit', 'Product detail, hit in the process', {
    request: 'product-detail',
    needs: ['CACHE_ENABLED'],
  }),
  onBothSizes('many-products-detail', 'Product detail, cache off', {
    request: 'product-detail',
    env: cacheOff,
  }),
  onBothSizes('many-products-list', 'Product list, cache off', { request: 'product-list', env: cacheOff }),
];
