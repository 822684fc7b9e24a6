import { Injectable } from '@nestjs/common';
import { HopelessJob } from '../../../platform/queue/hopeless-job.js';
import { ShippingInfo, type ShippingOutcome } from '../../../platform/wechat/mini-program/shipping-info.js';
import { WechatRefused } from '../../../platform/wechat/wechat-error.js';
import { Shoppers } from '../../identity/identity.contract.js';
import { Payments } from '../../payment/payment.contract.js';
import type { Shipment } from '../order.contract.js';
import { OrderRepository, type Order } from '../order.repository.js';
import { describeGoods, maskedContact } from './parcel.js';
import { ShipmentRepository } from './shipment.repository.js';

/** WeChat learns how an order was sent: once, and again only where nobody knows whether it has heard. Repeatable. */
@Injectable()
export class UploadShippingInfo {
  constructor(
    private readonly orders: OrderRepository,
    private readonly shipments: ShipmentRepository,
    private readonly payments: Payments,
    private readonly shoppers: Shoppers,
    private readonly shippingInfo: ShippingInfo,
  ) {}

  /** @throws HopelessJob when WeChat refuses the shipment; anything else is worth another try */
  async execute(orderId: string): Promise<void> {
    const order = await this.orders.find(orderId);
    if (!order?.shipment) throw new Error(`there is no shipment of order ${orderId}`);
    // Once all the money has gone back there is nothing that WeChat could pay out.
    if (order.status === 'refunded' || (await this.shipments.isUploaded(orderId))) return;
    const outcome = await this.upload(order, order.shipment);
    if (outcome.status === 'not_yet_known')
      throw new Error(`WeChat does not know the payment of order ${order.number} yet`);
    if (outcome.status === 'refused') throw await this.refuse(order, order.shipment, outcome);
    await this.shipments.markUploaded(orderId);
  }

  /** The same words every time: WeChat takes what differs for another shipment, and takes a second one only once. */
  private async upload(order: Order, shipment: Shipment): Promise<ShippingOutcome> {
    const payer = await this.shoppers.getPayer(order.userId);
    const parcel = {
      transactionId: await this.transactionOf(order),
      payerOpenid: payer.openid,
      logisticsType: 'express' as const,
      trackingNo: shipment.trackingNumber,
      expressCompany: shipment.carrier,
      itemDescription: describeGoods(order.lines),
      contactMasked: maskedContact(order.address.telNumber),
      // The database's CHECK constraints promise it for a shipment.
      uploadedAt: order.shippedAt!,
    };
    try {
      return await this.shippingInfo.upload(parcel);
    } catch (error) {
      if (!(error instanceof WechatRefused)) throw error;
      await this.shipments.markRefused(order.id, shipment);
      throw new HopelessJob(error.message, { cause: error });
    }
  }

  private async transactionOf({ number }: Order): Promise<string> {
    const payment = await this.payments.refresh(number);
    if (payment.status !== 'captured') throw new Error(`no money has arrived for order ${number}`);
    return payment.capture.transactionId;
  }

  /**
   * WeChat takes no shipping info while the money is on its way back: how the refund ends decides whether there is
   * anything left to tell. Otherwise the merchant may correct the shipment.
   */
  private async refuse(order: Order, shipment: Shipment, { errcode, reason }: Refused): Promise<Error> {
    const message = `WeChat refuses the shipment of order ${order.number}: ${errcode} ${reason}`;
    if (order.status === 'refunding') return new Error(message);
    await this.shipments.markRefused(order.id, shipment);
    return new HopelessJob(message);
  }
}

type Refused = Extract<ShippingOutcome, { status: 'refused' }>;
