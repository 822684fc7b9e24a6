import { AppError } from '../../kernel/app-error.js';
import type { OrderState } from './order.machine.js';

export class OrderNotFound extends AppError {
  readonly kind = 'absent';
  readonly code = 'order.not_found';
  override readonly title = { zh: '订单不存在', en: 'No such order' };

  constructor() {
    super('no such order of this user');
  }
}

export class OrderNotCancellable extends AppError {
  readonly kind = 'conflict';
  readonly code = 'order.not_cancellable';
  override readonly title = { zh: '订单当前状态不能取消', en: 'The order can no longer be cancelled' };

  constructor(override readonly details: { readonly state: OrderState }) {
    super('only an unpaid order can be cancelled');
  }
}

export class OrderNotReceivable extends AppError {
  readonly kind = 'conflict';
  readonly code = 'order.not_receivable';
  override readonly title = { zh: '订单当前状态不能确认收货', en: 'The order cannot be marked received now' };

  constructor(override readonly details: { readonly state: OrderState }) {
    super('only a shipped order can be received');
  }
}

export class OrderNotPayable extends AppError {
  readonly kind = 'conflict';
  readonly code = 'order.not_payable';
  override readonly title = { zh: '订单当前状态不能支付', en: 'The order cannot be paid now' };

  constructor(override readonly details: { readonly state: OrderState }) {
    super('only an unpaid order that has not expired can be paid');
  }
}

export class OrderNotShippable extends AppError {
  readonly kind = 'conflict';
  readonly code = 'order.not_shippable';
  override readonly title = { zh: '订单当前状态不能发货', en: 'The order cannot be shipped now' };

  constructor(override readonly details: { readonly state: OrderState }) {
    super('only a paid order can be shipped, and only once');
  }
}

export class CartEmpty extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'order.cart_empty';
  override readonly title = { zh: '购物车是空的', en: 'The cart is empty' };

  constructor() {
    super('nothing in the cart');
  }
}

/** Another order, or another device, took or changed what is in the cart. */
export class CartChanged extends AppError {
  readonly kind = 'conflict';
  readonly code = 'order.cart_changed';
  override readonly title = { zh: '购物车已变化，请刷新', en: 'The cart has changed, look again' };

  constructor() {
    super('the cart is not what it was');
  }
}

export class SkuNotSellable extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'order.sku_not_sellable';
  override readonly title = { zh: '部分商品已下架或不存在', en: 'Some products are no longer sold' };

  constructor(override readonly details: { readonly skuIds: readonly string[] }) {
    super('unknown or withdrawn SKUs');
  }
}

export class OrderTooLarge extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'order.too_large';
  override readonly title = { zh: '订单金额过大', en: 'The order is too large' };

  constructor() {
    super('the total is beyond what can be paid at once');
  }
}
