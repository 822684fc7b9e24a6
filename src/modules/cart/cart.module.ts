import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module.js';
import { InventoryModule } from '../inventory/inventory.module.js';
import { Carts } from './cart.contract.js';
import { CartController } from './cart.controller.js';
import { CartRepository } from './cart.repository.js';
import { CartService } from './cart.service.js';

/**
 * Owns what a shopper has put aside: SKUs and quantities, nothing else.
 * Promises: prices, names and availability shown are those of now; more than the stock or a withdrawn SKU is refused.
 * Calls: catalog, inventory. Called by: order.
 */
@Module({
  imports: [CatalogModule, InventoryModule],
  controllers: [CartController],
  providers: [CartRepository, CartService, { provide: Carts, useExisting: CartService }],
  exports: [Carts],
})
export class CartModule {}
