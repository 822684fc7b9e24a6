import { Injectable, Logger } from '@nestjs/common';
import { SubscribeMessages } from '../../../platform/wechat/mini-program/subscribe-messages.js';
import { WechatRefused } from '../../../platform/wechat/wechat-error.js';
import { Shoppers } from '../../identity/identity.contract.js';
import { OrderConfig } from '../order.config.js';
import { OrderRepository, type Order } from '../order.repository.js';
import { messageData } from './message-fields.js';
import type { MessageOutcome, ShippedMessage } from './shipped-message.repository.js';
import { ShippedMessages } from './shipped-messages.js';

/**
 * Tells a shopper who has allowed it that the order is on its way. WeChat has no key against sending twice: after a lost
 * answer it is sent again, and WeChat takes the second one only if the shopper has allowed two.
 */
@Injectable()
export class SendShippedMessage {
  private readonly logger = new Logger(SendShippedMessage.name);

  constructor(
    private readonly orders: OrderRepository,
    private readonly messages: ShippedMessages,
    private readonly shoppers: Shoppers,
    private readonly wechat: SubscribeMessages,
    private readonly config: OrderConfig,
  ) {}

  /** Repeatable. @throws what is worth another try: WeChat is away, or another worker is at it */
  async execute(orderId: string): Promise<void> {
    const { shippedTemplateId: templateId } = this.config;
    if (templateId === undefined) return;
    const order = await this.orders.find(orderId);
    if (!order) throw new Error(`there is no order ${orderId}`);
    await this.messages.open({ orderId, userId: order.userId, templateId });
    const message = await this.messages.claim(orderId);
    if (message) await this.messages.end(message, await this.send(message, order));
  }

  private async send(message: ShippedMessage, order: Order): Promise<MessageOutcome> {
    try {
      return await this.ask(message, order);
    } catch (error) {
      if (error instanceof WechatRefused) return this.giveUp(order, error);
      await this.messages.release(message);
      throw error;
    }
  }

  private async ask({ templateId, userId }: ShippedMessage, order: Order): Promise<MessageOutcome> {
    const { shippedTemplateFields, messagePage } = this.config;
    const { openid } = await this.shoppers.getPayer(userId);
    const page = messagePage === undefined ? undefined : `${messagePage}?id=${order.id}`;
    const data = messageData(order, shippedTemplateFields);
    const answer = await this.wechat.send({ openid, templateId, page, data });
    return answer === 'sent' ? 'sent' : 'not_allowed';
  }

  /** A wrong template, field or page: nothing that repeating would cure, and nothing worth keeping for later. */
  private giveUp({ number }: Order, error: WechatRefused): MessageOutcome {
    this.logger.error(
      { err: error, order: number },
      'WeChat refuses a message: check its template, fields and page',
    );
    return 'refused';
  }
}
