import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module.js';
import { StorefrontController } from './storefront.controller.js';
import { StorefrontService } from './storefront.service.js';

/**
 * Owns: no data; the first screen as one answer, so that a phone asks once.
 * Promises: sections in parallel, sections without content absent.
 * Offers: the public route /home.
 * Calls: catalog.
 * Publishes: nothing.
 */
@Module({
  imports: [CatalogModule],
  controllers: [StorefrontController],
  providers: [StorefrontService],
})
export class StorefrontModule {}
