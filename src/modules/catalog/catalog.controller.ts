import { Controller, Get, Param, Query } from '@nestjs/common';
import { Cached } from '../../platform/http/cached/cached.decorator.js';
import { ApiTags } from '../../platform/http/documented.js';
import { Public } from '../../platform/http/public.decorator.js';
import { Returns } from '../../platform/http/returns.decorator.js';
import { catalogTags } from './catalog.contract.js';
import { ProductNotFound } from './catalog.errors.js';
import {
  categoryList,
  idParam,
  productDetail,
  productPage,
  productQuery,
  type ProductQueryInput,
} from './catalog.schema.js';
import { CatalogService } from './catalog.service.js';

/** Staff's changes show at once; what else goes wrong with telling of them is over after 60 s. */
const browsing = { ttlMs: 30_000, staleMs: 30_000, errorMs: 600_000 } as const;

@Public()
@ApiTags('catalog')
@Controller()
export class CatalogController {
  constructor(private readonly catalog: CatalogService) {}

  @Get('categories')
  @Cached({
    ...browsing,
    name: 'catalog.categories',
    maxAgeSeconds: 60,
    tags: () => [catalogTags.categories],
  })
  @Returns(200, categoryList)
  async listCategories() {
    return { items: await this.catalog.listCategories() };
  }

  @Get('products')
  @Cached({ ...browsing, name: 'catalog.products', maxAgeSeconds: 30, tags: () => [catalogTags.products] })
  @Returns(200, productPage)
  listProducts(@Query({ schema: productQuery }) query: ProductQueryInput) {
    return this.catalog.listProducts(query);
  }

  /** Short-lived: it says how many units are left, and orders that take some invalidate nothing. */
  @Get('products/:id')
  @Cached({
    name: 'catalog.product',
    maxAgeSeconds: 5,
    ttlMs: 1_000,
    staleMs: 1_000,
    errorMs: 60_000,
    negativeTtlMs: 5_000,
    tags: (id: string) => [catalogTags.product(id)],
    absent: ProductNotFound,
  })
  @Returns(200, productDetail)
  getProduct(@Param('id', { schema: idParam }) id: string) {
    return this.catalog.getProduct(id);
  }
}
