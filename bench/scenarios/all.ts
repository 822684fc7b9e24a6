import { article } from '../article/measures.ts';
import type { Scenario } from '../scenario.ts';
import { cartWrite } from './cart-write.ts';
import { manyProducts } from './catalogue-size.ts';
import { coldClients } from './cold-clients.ts';
import { logging } from './logging.ts';
import { login } from './login.ts';
import { metrics } from './metrics.ts';
import { notModified } from './not-modified.ts';
import { orderCreate } from './order-create.ts';
import { poolSpike } from './pool-spike.ts';
import { processes } from './processes.ts';
import { productDetailHit } from './product-detail-hit.ts';
import { productDetailMiss } from './product-detail-miss.ts';
import { productListHit } from './product-list-hit.ts';
import { productListMiss } from './product-list-miss.ts';
import { start } from './start.ts';
import { tracing } from './tracing.ts';

/** In the order of the table. */
export const scenarios: readonly Scenario[] = [
  productDetailHit,
  productDetailMiss,
  productListHit,
  productListMiss,
  notModified,
  login,
  cartWrite,
  orderCreate,
  coldClients,
  tracing,
  metrics,
  logging,
  processes,
  poolSpike,
  ...manyProducts,
  start,
];

/** What may be asked for by name. */
export const names: readonly string[] = [...scenarios.map(({ name }) => name), 'article'];

/** Without a name the table, `article` all measures of the article, anything else one of either. */
export function named(name: string | undefined): readonly Scenario[] | undefined {
  if (name === undefined) return scenarios;
  if (name === 'article') return article;
  const found = [...scenarios, ...article].find(scenario => scenario.name === name);
  return found && [found];
}
