import { z } from 'zod';
import { categoryView, productCard } from '../catalog/catalog.contract.js';

/** A section without content is absent, so that a client draws what it gets. */
export const homeView = z.object({
  categories: z.array(categoryView).optional(),
  hotProducts: z.array(productCard).optional(),
  newProducts: z.array(productCard).optional(),
});
export type HomeView = z.output<typeof homeView>;

export function section<T>(items: readonly T[]): T[] | undefined {
  return items.length === 0 ? undefined : [...items];
}
