import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsInt, IsUUID, Max, Min, ValidateNested } from 'class-validator';
import type { Order, OrderItem, Spec } from './entities.js';

export class CreateOrderItemDto {
  @IsUUID() skuId!: string;
  @IsInt() @Min(1) @Max(999) quantity!: number;
}

export class CreateOrderDto {
  @ValidateNested({ each: true })
  @Type(() => CreateOrderItemDto)
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  items!: CreateOrderItemDto[];

  @IsUUID() addressId!: string;
}

export class OrderItemDto {
  readonly skuId: string;
  readonly productId: string;
  readonly productName: string;
  readonly skuName: string;
  readonly specs: Spec[];
  readonly imageUrl: string;
  readonly priceFen: number;
  readonly quantity: number;
  readonly totalFen: number;

  constructor(item: OrderItem) {
    this.skuId = item.skuId;
    this.productId = item.productId;
    this.productName = item.productName;
    this.skuName = item.skuName;
    this.specs = item.specs;
    this.imageUrl = item.imageUrl;
    this.priceFen = item.priceFen;
    this.quantity = item.quantity;
    this.totalFen = item.totalFen;
  }
}

export class OrderDto {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly items: OrderItemDto[];
  readonly amounts: object;
  readonly address: object;
  readonly createdAt: string;
  readonly expiresAt: string;

  constructor(order: Order) {
    const { itemsFen, freightFen, discountFen, totalFen } = order;
    this.id = order.id;
    this.number = order.number;
    this.status = order.status;
    this.items = order.items.map(item => new OrderItemDto(item));
    this.amounts = { itemsFen, freightFen, discountFen, totalFen };
    this.address = order.address;
    this.createdAt = order.createdAt.toISOString();
    this.expiresAt = order.expiresAt.toISOString();
  }
}
