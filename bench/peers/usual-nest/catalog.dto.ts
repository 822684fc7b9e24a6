import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import type { Product, Sku, Spec } from './entities.js';

const baseUrl = process.env['PUBLIC_BASE_URL'] ?? '';

export class ListProductsDto {
  @Type(() => Number) @IsInt() @Min(1) @Max(100) @IsOptional() limit = 20;
}

export class ProductCardDto {
  readonly id: string;
  readonly name: string;
  readonly subtitle?: string | undefined;
  readonly imageUrl: string;
  readonly priceFen: number;
  readonly marketPriceFen?: number | undefined;
  readonly sales: number;

  constructor(product: Product) {
    this.id = product.id;
    this.name = product.name;
    this.subtitle = product.subtitle ?? undefined;
    this.imageUrl = urlOf(product.imagePaths[0]!);
    this.priceFen = product.priceFen;
    this.marketPriceFen = product.marketPriceFen ?? undefined;
    this.sales = product.sales;
  }
}

export class ProductPageDto {
  readonly items: ProductCardDto[];
  readonly nextCursor?: string | undefined;

  constructor(products: readonly Product[], limit: number) {
    this.items = products.slice(0, limit).map(product => new ProductCardDto(product));
    const last = products[limit - 1];
    this.nextCursor = products.length > limit && last ? cursorOf(last) : undefined;
  }
}

export class SkuDto {
  readonly id: string;
  readonly name: string;
  readonly specs: Spec[];
  readonly priceFen: number;
  readonly available: number;
  readonly imageUrl?: string | undefined;

  constructor(sku: Sku) {
    this.id = sku.id;
    this.name = sku.name;
    this.specs = sku.specs;
    this.priceFen = sku.priceFen;
    this.available = availableOf(sku);
    this.imageUrl = sku.imagePath === null ? undefined : urlOf(sku.imagePath);
  }
}

export class ProductDetailDto extends ProductCardDto {
  readonly categoryId: string;
  readonly description?: string | undefined;
  readonly imageUrls: string[];
  readonly skus: SkuDto[];

  constructor(product: Product) {
    super(product);
    this.categoryId = product.categoryId;
    this.description = product.description ?? undefined;
    this.imageUrls = product.imagePaths.map(urlOf);
    this.skus = product.skus.filter(sku => sku.status === 'on_sale').map(sku => new SkuDto(sku));
  }
}

export function availableOf({ stock }: Sku): number {
  return stock ? stock.onHand - stock.reserved : 0;
}

export function urlOf(path: string): string {
  return baseUrl + path;
}

function cursorOf(product: Product): string {
  return Buffer.from(JSON.stringify(['newest', product.createdAt.getTime(), product.id])).toString(
    'base64url',
  );
}
