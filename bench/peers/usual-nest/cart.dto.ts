import { IsInt, Max, Min } from 'class-validator';
import { availableOf, urlOf } from './catalog.dto.js';
import type { CartItem, Spec } from './entities.js';

export class PutLineDto {
  @IsInt() @Min(1) @Max(999) quantity!: number;
}

export class CartLineDto {
  readonly skuId: string;
  readonly productId: string;
  readonly productName: string;
  readonly skuName: string;
  readonly specs: Spec[];
  readonly imageUrl: string;
  readonly priceFen: number;
  readonly quantity: number;
  readonly totalFen: number;
  readonly available: number;
  readonly state: 'ok' | 'beyond_stock' | 'withdrawn';

  constructor({ skuId, sku, quantity }: CartItem) {
    this.skuId = skuId;
    this.productId = sku.product.id;
    this.productName = sku.product.name;
    this.skuName = sku.name;
    this.specs = sku.specs;
    this.imageUrl = urlOf(sku.imagePath ?? sku.product.imagePaths[0]!);
    this.priceFen = sku.priceFen;
    this.quantity = quantity;
    this.totalFen = sku.priceFen * quantity;
    const onSale = sku.status === 'on_sale' && sku.product.status === 'on_sale';
    this.available = onSale ? availableOf(sku) : 0;
    const state = quantity > this.available ? 'beyond_stock' : 'ok';
    this.state = onSale ? state : 'withdrawn';
  }
}

export class CartDto {
  readonly items: CartLineDto[];
  readonly totalFen: number;

  constructor(items: readonly CartItem[]) {
    this.items = items.map(item => new CartLineDto(item));
    const orderable = this.items.filter(({ state }) => state === 'ok');
    this.totalFen = orderable.reduce((sum, { totalFen }) => sum + totalFen, 0);
  }
}
