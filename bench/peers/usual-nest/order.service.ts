import { randomBytes } from 'node:crypto';
import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import Queue from 'bull';
import { DataSource, type EntityManager } from 'typeorm';
import { urlOf } from './catalog.dto.js';
import {
  Address,
  Order,
  OrderItem,
  Payment,
  Sku,
  StockItem,
  StockMovement,
  StockReservation,
  User,
} from './entities.js';
import { OrderDto, type CreateOrderDto, type CreateOrderItemDto } from './order.dto.js';

const paymentTimeoutMs = 30 * 60_000;
const freightFen = 800;
const freeFreightFromFen = 8_800;

/** Order, lines, payment and stock in one transaction; its expiry is a delayed job. */
@Injectable()
export class OrderService {
  private readonly expiry = new Queue('usual-order-expiry', process.env['REDIS_URL'] ?? '');

  constructor(private readonly dataSource: DataSource) {}

  async create(userId: string, input: CreateOrderDto): Promise<OrderDto> {
    const order = await this.dataSource.transaction(async manager => {
      const address = await manager.findOneBy(Address, { id: input.addressId, userId });
      const user = await manager.findOneBy(User, { id: userId });
      if (!address || !user) throw new NotFoundException();
      const items: OrderItem[] = [];
      for (const [index, item] of input.items.entries()) items.push(await toItem(manager, item, index + 1));
      const order = await manager.save(newOrder(manager, userId, address, items));
      await openPayment(manager, order, user);
      for (const item of items) await reserve(manager, order, item);
      return order;
    });
    await this.expiry.add({ orderId: order.id }, { delay: paymentTimeoutMs, removeOnComplete: true });
    return new OrderDto(order);
  }
}

async function toItem(
  manager: EntityManager,
  { skuId, quantity }: CreateOrderItemDto,
  line: number,
): Promise<OrderItem> {
  const sku = await manager.findOne(Sku, { where: { id: skuId }, relations: { product: true } });
  if (sku?.status !== 'on_sale' || sku.product.status !== 'on_sale') throw new ConflictException('not sold');
  const { name: skuName, specs, priceFen, imagePath, product } = sku;
  const imageUrl = urlOf(imagePath ?? product.imagePaths[0]!);
  const totalFen = priceFen * quantity;
  const names = { productId: product.id, productName: product.name, skuName, specs, imageUrl };
  return manager.create(OrderItem, { line, skuId, ...names, priceFen, quantity, totalFen });
}

function newOrder(manager: EntityManager, userId: string, address: Address, items: OrderItem[]): Order {
  const createdAt = new Date();
  const itemsFen = items.reduce((sum, { totalFen }) => sum + totalFen, 0);
  const freight = itemsFen >= freeFreightFromFen ? 0 : freightFen;
  return manager.create(Order, {
    number: randomBytes(12).toString('hex'),
    userId,
    status: 'awaiting_payment',
    itemsFen,
    freightFen: freight,
    discountFen: 0,
    totalFen: itemsFen + freight,
    address: shippingAddress(address),
    createdAt,
    expiresAt: new Date(createdAt.getTime() + paymentTimeoutMs),
    items,
  });
}

function shippingAddress(address: Address): object {
  const { userName, telNumber, provinceName, cityName, countyName, detailInfo } = address;
  const codes = {
    postalCode: address.postalCode ?? undefined,
    nationalCode: address.nationalCode ?? undefined,
  };
  return { userName, telNumber, provinceName, cityName, countyName, detailInfo, ...codes };
}

async function openPayment(manager: EntityManager, order: Order, user: User): Promise<void> {
  const { number: reference, totalFen: amountFen } = order;
  const prepayRequest = JSON.stringify({ out_trade_no: reference, amount: amountFen, payer: user.openid });
  await manager.save(
    manager.create(Payment, { reference, amountFen, payerOpenid: user.openid, prepayRequest }),
  );
}

async function reserve(manager: EntityManager, order: Order, { skuId, quantity }: OrderItem): Promise<void> {
  const stock = await manager.findOne(StockItem, { where: { skuId }, lock: { mode: 'pessimistic_write' } });
  if (!stock || stock.onHand - stock.reserved < quantity)
    throw new ConflictException('not that many in stock');
  stock.reserved += quantity;
  await manager.save(stock);
  const reference = order.id;
  // Their keys are natural: `save()` would look for them first.
  await manager.insert(StockReservation, { reference, skuId, quantity });
  const deltas = { onHandDelta: 0, reservedDelta: quantity };
  await manager.insert(StockMovement, { reference, skuId, kind: 'reserve', quantity, ...deltas });
}
