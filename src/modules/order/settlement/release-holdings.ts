import { Injectable } from '@nestjs/common';
import { Stock } from '../../inventory/inventory.contract.js';
import { Coupons } from '../../promotion/promotion.contract.js';
import type { Order } from '../order.repository.js';

/** What an unpaid order held is free again: its coupon, then its stock. Runs inside the caller's transaction. */
@Injectable()
export class ReleaseHoldings {
  constructor(
    private readonly coupons: Coupons,
    private readonly stock: Stock,
  ) {}

  async execute({ id, couponId }: Order): Promise<void> {
    if (couponId !== null) await this.coupons.release(id);
    await this.stock.release(id);
  }
}
