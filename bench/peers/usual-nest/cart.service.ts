import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CartDto } from './cart.dto.js';
import { availableOf } from './catalog.dto.js';
import { CartItem, Sku } from './entities.js';

const maxLines = 100;

@Injectable()
export class CartService {
  constructor(private readonly dataSource: DataSource) {}

  async put(userId: string, skuId: string, quantity: number): Promise<CartDto> {
    await this.assertSellable(skuId, quantity);
    const items = this.dataSource.getRepository(CartItem);
    const item = (await items.findOneBy({ userId, skuId })) ?? items.create({ userId, skuId });
    if (item.quantity === undefined && (await items.countBy({ userId })) >= maxLines) {
      throw new ConflictException('the cart is full');
    }
    item.quantity = quantity;
    await items.save(item);
    return this.view(userId);
  }

  private async assertSellable(skuId: string, quantity: number): Promise<void> {
    const skus = this.dataSource.getRepository(Sku);
    const sku = await skus.findOne({ where: { id: skuId }, relations: { product: true, stock: true } });
    if (!sku) throw new NotFoundException();
    if (sku.status !== 'on_sale' || sku.product.status !== 'on_sale')
      throw new ConflictException('withdrawn');
    if (quantity > availableOf(sku)) throw new ConflictException('not that many in stock');
  }

  private async view(userId: string): Promise<CartDto> {
    const items = await this.dataSource.getRepository(CartItem).find({
      where: { userId },
      relations: { sku: { product: true, stock: true } },
      order: { addedAt: 'ASC', skuId: 'ASC' },
    });
    return new CartDto(items);
  }
}
