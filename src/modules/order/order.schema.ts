import { z } from 'zod';
import { bilingual } from '../../platform/http/problem/bilingual.js';
import { multilineText } from '../../platform/http/input/input-fields.js';
import { pageQuery } from '../../platform/http/input/page-query.js';
import type { Page } from '../../kernel/page.js';
import { orderStates } from './order.machine.js';
import type { Order, OrderLine } from './order.repository.js';

/** Units of a SKU, in an order or going back. */
export const orderedItem = z.strictObject({
  skuId: z.string().min(1).max(64),
  quantity: z.int().min(1).max(999),
});

/** Either `items` or `fromCart: true`. */
export const draftOrder = z
  .strictObject({
    items: z.array(orderedItem).min(1).max(100).optional(),
    fromCart: z.literal(true).optional(),
    addressId: z.string().min(1).max(64),
    couponId: z.string().min(1).max(64).optional(),
    remark: multilineText(200).optional(),
  })
  .refine(({ items, fromCart }) => (items === undefined) !== (fromCart === undefined), {
    path: ['items'],
    error: bilingual('items 与 fromCart: true 必须且只能提供一个', 'either items or fromCart: true'),
  });
export type DraftOrderInput = z.output<typeof draftOrder>;

export const orderIdParam = z.string().min(1).max(64);

export const orderListQuery = z.strictObject({
  status: z.enum(orderStates).optional(),
  ...pageQuery(),
});
export type OrderListQuery = z.output<typeof orderListQuery>;

const itemView = z.object({
  skuId: z.string(),
  productId: z.string(),
  productName: z.string(),
  skuName: z.string(),
  specs: z.array(z.object({ name: z.string(), value: z.string() })),
  imageUrl: z.string(),
  priceFen: z.int(),
  quantity: z.int(),
  totalFen: z.int(),
  discountFen: z.int().optional(),
  refundedQuantity: z.int().optional(),
});

const amountsView = z.object({
  itemsFen: z.int(),
  freightFen: z.int(),
  discountFen: z.int(),
  totalFen: z.int(),
});

export const orderPreviewView = z.object({ items: z.array(itemView), amounts: amountsView });
export type OrderPreviewView = z.output<typeof orderPreviewView>;

const addressView = z.object({
  userName: z.string(),
  telNumber: z.string(),
  provinceName: z.string(),
  cityName: z.string(),
  countyName: z.string(),
  detailInfo: z.string(),
  postalCode: z.string().optional(),
  nationalCode: z.string().optional(),
});

export const orderView = z.object({
  id: z.string(),
  number: z.string(),
  status: z.enum(orderStates),
  items: z.array(itemView),
  amounts: amountsView,
  couponId: z.string().optional(),
  address: addressView,
  remark: z.string().optional(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().optional(),
  paidAt: z.iso.datetime().optional(),
  shippedAt: z.iso.datetime().optional(),
  shipment: z.object({ carrier: z.string(), trackingNumber: z.string() }).optional(),
  receivedAt: z.iso.datetime().optional(),
  completedAt: z.iso.datetime().optional(),
  cancelledAt: z.iso.datetime().optional(),
  refundedAt: z.iso.datetime().optional(),
});
export type OrderView = z.output<typeof orderView>;

export const orderPage = z.object({ items: z.array(orderView), nextCursor: z.string().optional() });
export type OrderPageView = z.output<typeof orderPage>;

export const clientPayment = z.object({
  timeStamp: z.string(),
  nonceStr: z.string(),
  package: z.string(),
  signType: z.literal('RSA'),
  paySign: z.string(),
});

/** `expiresAt` is shown while it means something: as long as the order waits for its money. */
export function toOrderView(order: Order): OrderView {
  const { id, number, status, amounts, couponId, address, remark } = order;
  return {
    id,
    number,
    status,
    items: order.lines.map(toItemView),
    amounts,
    couponId: couponId ?? undefined,
    address,
    remark: remark ?? undefined,
    shipment: order.shipment ?? undefined,
    ...timesOf(order),
  };
}

function timesOf(order: Order): Pick<OrderView, `${string}At` & keyof OrderView> {
  return {
    createdAt: order.createdAt.toISOString(),
    expiresAt: order.status === 'awaiting_payment' ? order.expiresAt.toISOString() : undefined,
    paidAt: order.paidAt?.toISOString(),
    shippedAt: order.shippedAt?.toISOString(),
    receivedAt: order.receivedAt?.toISOString(),
    completedAt: order.completedAt?.toISOString(),
    cancelledAt: order.cancelledAt?.toISOString(),
    refundedAt: order.refundedAt?.toISOString(),
  };
}

/** `totalFen` is before the discount; `discountFen` and `refundedQuantity` are absent when there is none. */
export function toItemView(line: OrderLine): OrderView['items'][number] {
  return {
    ...line,
    specs: [...line.specs],
    totalFen: line.priceFen * line.quantity,
    discountFen: line.discountFen || undefined,
    refundedQuantity: line.refundedQuantity || undefined,
  };
}

export function toOrderPage(page: Page<Order>): OrderPageView {
  return { items: page.items.map(toOrderView), nextCursor: page.nextCursor };
}
