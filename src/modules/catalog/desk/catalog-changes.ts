import { Injectable } from '@nestjs/common';
import { Caches } from '../../../platform/cache/caches.js';
import { catalogTags } from '../catalog.contract.js';

/** Makes shoppers see what staff have written, once it is committed. */
@Injectable()
export class CatalogChanges {
  constructor(private readonly caches: Caches) {}

  ofCategories(): void {
    this.caches.invalidate([catalogTags.categories]);
  }

  /** Lists show it too, by name, picture and price. */
  ofProduct(id: string): void {
    this.caches.invalidate([catalogTags.products, catalogTags.product(id)]);
  }

  /** Lists say nothing of stock. */
  ofStock(productId: string): void {
    this.caches.invalidate([catalogTags.product(productId)]);
  }
}
