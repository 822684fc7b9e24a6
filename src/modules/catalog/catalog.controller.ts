import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Cacheable } from '../../platform/http/cacheable.decorator.js';
import { Public } from '../../platform/http/public.decorator.js';
import { Returns } from '../../platform/http/returns.decorator.js';
import {
  categoryList,
  idParam,
  productDetail,
  productPage,
  productQuery,
  type ProductQueryInput,
} from './catalog.schema.js';
import { CatalogService } from './catalog.service.js';

@Public()
@ApiTags('catalog')
@Controller()
export class CatalogController {
  constructor(private readonly catalog: CatalogService) {}

  @Get('categories')
  @Cacheable(60)
  @Returns(200, categoryList)
  async listCategories() {
    return { items: await this.catalog.listCategories() };
  }

  @Get('products')
  @Cacheable(30)
  @Returns(200, productPage)
  listProducts(@Query({ schema: productQuery }) query: ProductQueryInput) {
    return this.catalog.listProducts(query);
  }

  /** Short-lived in clients: it says how many units are left. */
  @Get('products/:id')
  @Cacheable(5)
  @Returns(200, productDetail)
  getProduct(@Param('id', { schema: idParam }) id: string) {
    return this.catalog.getProduct(id);
  }
}
