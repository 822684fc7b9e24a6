import { Injectable } from '@nestjs/common';
import { Catalog } from '../catalog/catalog.contract.js';
import { section, type HomeView } from './storefront.schema.js';

const productsPerSection = 10;

@Injectable()
export class StorefrontService {
  constructor(private readonly catalog: Catalog) {}

  async getHome(): Promise<HomeView> {
    const [categories, hot, newest] = await Promise.all([
      this.catalog.listCategories(),
      this.catalog.listProducts({ sort: 'sales', limit: productsPerSection }),
      this.catalog.listProducts({ sort: 'newest', limit: productsPerSection }),
    ]);
    return {
      categories: section(categories),
      hotProducts: section(hot.items),
      newProducts: section(newest.items),
    };
  }
}
