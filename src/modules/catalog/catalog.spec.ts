import { describe, expect, it } from 'vitest';
import { encodeCursor } from '../../kernel/page.js';
import { RequestInvalid } from '../../platform/http/problem/http.errors.js';
import { productSorts } from './catalog.contract.js';
import type { BatchedReads } from '../../platform/database/batched-reads.js';
import type { Transactor } from '../../platform/database/transactor.js';
import { CatalogRepository, type CardRow, type ProductRow } from './catalog.repository.js';
import { productQuery, toCatalogSku, toProductCard, toProductDetail } from './catalog.schema.js';
import { cursorKeyOf, readCursor } from './product-cursor.js';

const id = '01932f5e-7c00-7000-8000-000000000001';
const baseUrl = 'https://shop.test';

const fields = {
  id,
  name: '产地直发赣南脐橙',
  subtitle: null,
  priceFen: 1_990,
  marketPriceFen: null,
  sales: 7,
};

const row: CardRow = {
  ...fields,
  imagePath: '/media/a.svg',
  createdMs: Date.UTC(2026, 10, 1, 2, 3, 4, 567),
};

const product: ProductRow = {
  ...fields,
  categoryId: id,
  description: null,
  imagePaths: ['/media/a.svg', '/media/b.svg'],
  skus: [
    {
      id: 'sku-1',
      name: '5斤装',
      specs: [{ name: '规格', value: '5斤装' }],
      priceFen: 1_990,
      available: 3,
      imagePath: null,
    },
    { id: 'sku-2', name: '9斤装', specs: [], priceFen: 2_990, available: 0, imagePath: '/media/c.svg' },
  ],
};

describe('a cursor', () => {
  it.each([
    ['newest', Date.UTC(2026, 10, 1, 2, 3, 4, 567)],
    ['price_asc', 1_990],
    ['price_desc', 1_990],
    ['sales', 7],
  ] as const)('comes back as the place it was given out for: %s', (sort, key) => {
    expect(readCursor(encodeCursor(cursorKeyOf(row, sort)), sort)).toEqual({ key, id });
  });

  it('means nothing in another order', () => {
    for (const given of productSorts) {
      const cursor = encodeCursor(cursorKeyOf(row, given));
      for (const asked of productSorts.filter(sort => sort !== given)) {
        expect(() => readCursor(cursor, asked)).toThrow(RequestInvalid);
      }
    }
  });

  it.each([
    ['sales', 1.5, id],
    ['sales', -1, id],
    ['sales', 1e15, id],
    ['sales', 1, 'x'],
    ['sales', 1],
    ['sales', id, 1],
  ])('is refused when it is not ours: %s %s %s', (...parts) => {
    expect(() => readCursor(encodeCursor(parts), 'sales')).toThrow(RequestInvalid);
  });
});

describe('a product as clients see it', () => {
  it('leaves out what it does not have', () => {
    expect(JSON.parse(JSON.stringify(toProductCard(row, baseUrl)))).toEqual({
      id,
      name: '产地直发赣南脐橙',
      imageUrl: 'https://shop.test/media/a.svg',
      priceFen: 1_990,
      sales: 7,
    });
  });

  it('has absolute pictures', () => {
    const detail = toProductDetail(product, baseUrl);
    expect(detail.imageUrl).toBe('https://shop.test/media/a.svg');
    expect(detail.imageUrls).toEqual(['https://shop.test/media/a.svg', 'https://shop.test/media/b.svg']);
    expect(detail.skus.map(sku => [sku.available, sku.imageUrl])).toEqual([
      [3, undefined],
      [0, 'https://shop.test/media/c.svg'],
    ]);
  });

  it('does not tell carts a path for a URL', () => {
    const sku = {
      skuId: 's',
      productId: id,
      categoryId: id,
      productName: 'a',
      skuName: 'b',
      specs: [],
      priceFen: 1,
    };
    const seen = toCatalogSku({ ...sku, status: 'on_sale', imagePath: '/media/a.svg' }, baseUrl);
    expect(seen).toEqual({ ...sku, status: 'on_sale', imageUrl: 'https://shop.test/media/a.svg' });
  });
});

describe('a product query', () => {
  it('is the newest 20 products unless it says otherwise', () => {
    expect(productQuery.parse({})).toEqual({ sort: 'newest', limit: 20 });
  });

  it('is trimmed as people type it', () => {
    expect(productQuery.parse({ q: ' 苹果　', limit: '50' })).toMatchObject({ q: '苹果', limit: 50 });
  });

  it.each([
    { q: '   ' },
    { q: '苹\u0000果' },
    { q: ['a'] },
    { limit: '' },
    { limit: '1e9' },
    { limit: '1e1' },
    { limit: '0x10' },
    { limit: '+5' },
    { limit: '5.0' },
    { limit: ' 5' },
    { limit: ['5'] },
    { sort: 'price' },
    { page: '2' },
  ])('refuses %o', query => {
    expect(productQuery.safeParse(query).success).toBe(false);
  });
});

describe('a search', () => {
  /** How often PostgreSQL is asked, when the name index holds so many. */
  async function asked(q: string | undefined, found: number): Promise<number> {
    let statements = 0;
    const byId = () => async () => null;
    const query = async () => {
      statements++;
      return [{ ...row, found }];
    };
    const repository = new CatalogRepository(
      { query } as unknown as Transactor,
      { byId } as unknown as BatchedReads,
    );
    await repository.listProducts({ q, sort: 'newest', limit: 21 });
    return statements;
  }

  it('sorts what the name index holds, unless that is more than it may sort', async () => {
    expect([await asked('茶', 1), await asked('茶', 5_000), await asked('茶', 5_001)]).toEqual([1, 1, 2]);
  });

  it('does not ask the name index where there is nothing to search for', async () => {
    expect(await asked(undefined, 5_001)).toBe(1);
  });
});
