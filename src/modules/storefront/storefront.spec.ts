import { describe, expect, it } from 'vitest';
import { Catalog, type ProductCard, type ProductSort } from '../catalog/catalog.contract.js';
import { StorefrontService } from './storefront.service.js';

function card(name: string): ProductCard {
  return { id: name, name, imageUrl: 'https://shop.test/1.svg', priceFen: 100, sales: 1 };
}

class FakeCatalog extends Catalog {
  constructor(private readonly products: Readonly<Partial<Record<ProductSort, readonly ProductCard[]>>>) {
    super();
  }
  findSkus = async () => [];
  findUnknown = async () => [];
  listCategories = async () => [];
  listProducts = async ({ sort }: { sort: ProductSort }) => ({ items: this.products[sort] ?? [] });
}

describe('home', () => {
  it('leaves out sections without content instead of showing empty shelves', async () => {
    const home = await new StorefrontService(new FakeCatalog({ sales: [card('热销')] })).getHome();
    expect(JSON.parse(JSON.stringify(home))).toEqual({ hotProducts: [card('热销')] });
  });

  it('does not mix up what is hot and what is new', async () => {
    const catalog = new FakeCatalog({ sales: [card('热销')], newest: [card('新品')] });
    const home = await new StorefrontService(catalog).getHome();
    expect(home.hotProducts?.[0]?.name).toBe('热销');
    expect(home.newProducts?.[0]?.name).toBe('新品');
  });
});
