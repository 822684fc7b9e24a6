import { Module } from '@nestjs/common';
import { InventoryModule } from '../inventory/inventory.module.js';
import { Catalog } from './catalog.contract.js';
import { CatalogController } from './catalog.controller.js';
import { CatalogRepository } from './catalog.repository.js';
import { CatalogService } from './catalog.service.js';

/**
 * Owns: categories, products and SKUs with their prices and pictures.
 * Promises: lists page by key and never skip or repeat a product; a search costs what it finds, and no more for the commonest letter.
 * Offers: `Catalog`, and the public routes /categories and /products.
 * Calls: inventory, for the units left of each SKU.
 * Publishes: nothing.
 */
@Module({
  imports: [InventoryModule],
  controllers: [CatalogController],
  providers: [CatalogRepository, CatalogService, { provide: Catalog, useExisting: CatalogService }],
  exports: [Catalog],
})
export class CatalogModule {}
