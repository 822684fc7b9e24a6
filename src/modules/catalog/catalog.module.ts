import { Module } from '@nestjs/common';
import { CategoryDesk, ProductDesk, SkuDesk } from './catalog-desk.contract.js';
import { Catalog } from './catalog.contract.js';
import { CatalogController } from './catalog.controller.js';
import { CatalogRepository } from './catalog.repository.js';
import { CatalogService } from './catalog.service.js';
import { CatalogChanges } from './desk/catalog-changes.js';
import { CategoryDeskRepository } from './desk/category-desk.repository.js';
import { CategoryDeskService } from './desk/category-desk.service.js';
import { ProductDeskRepository } from './desk/product-desk.repository.js';
import { ProductDeskService } from './desk/product-desk.service.js';
import { ProductPrice } from './desk/product-price.js';
import { SkuDeskRepository } from './desk/sku-desk.repository.js';
import { SkuDeskService } from './desk/sku-desk.service.js';

/**
 * Owns: categories, products and SKUs with their prices and pictures.
 * Promises: lists page by key and never skip or repeat a product; a search costs what it finds, and no more for the commonest letter.
 * Offers: `Catalog` and the public routes /categories and /products; to whoever writes it `CategoryDesk`, `ProductDesk`
 * and `SkuDesk`.
 * Calls: nobody; reads the units left of each SKU from the view that inventory publishes.
 * Publishes: nothing.
 */
@Module({
  controllers: [CatalogController],
  providers: [
    CatalogRepository,
    CatalogService,
    CategoryDeskRepository,
    ProductDeskRepository,
    SkuDeskRepository,
    ProductPrice,
    CatalogChanges,
    { provide: Catalog, useExisting: CatalogService },
    { provide: CategoryDesk, useClass: CategoryDeskService },
    { provide: ProductDesk, useClass: ProductDeskService },
    { provide: SkuDesk, useClass: SkuDeskService },
  ],
  exports: [Catalog, CategoryDesk, ProductDesk, SkuDesk],
})
export class CatalogModule {}
