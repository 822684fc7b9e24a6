import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Transactor } from '../../../platform/database/transactor.js';
import { MessageGrantRepository } from './message-grant.repository.js';
import {
  ShippedMessageRepository,
  type MessageOutcome,
  type ShippedMessage,
} from './shipped-message.repository.js';

const messagesMetric = 'order_messages_total';

export const messageCounter = makeCounterProvider({
  name: messagesMetric,
  help: 'Subscribe messages about orders, by how they ended: sent, not_allowed (usual) or refused (look at the log)',
  labelNames: ['outcome'],
});

/** Longer than a call to WeChat may take, and than it takes Bull to give the job of a dead worker to another. */
const claimMs = 30_000;

/** One message and at most one grant an order, whatever is delivered how often, and what WeChat's word does to grants. */
@Injectable()
export class ShippedMessages {
  constructor(
    private readonly messages: ShippedMessageRepository,
    private readonly grants: MessageGrantRepository,
    private readonly transactor: Transactor,
    @InjectMetric(messagesMetric) private readonly counter: Counter<'outcome'>,
  ) {}

  /** Decides, once and for all, whether the shopper is told: with the grant that this takes. */
  async open(message: ShippedMessage): Promise<void> {
    const { orderId, userId, templateId } = message;
    const outcome = await this.transactor.run(async () => {
      if (!(await this.messages.insert(message))) return null;
      if (await this.grants.take(userId, templateId)) return null;
      await this.messages.end(orderId, 'not_allowed');
      return 'not_allowed';
    });
    if (outcome) this.counter.inc({ outcome });
  }

  /**
   * Null when there is nothing (more) to send.
   * @throws when another worker is about to send it: only that it has ended ends this job too
   */
  async claim(orderId: string): Promise<ShippedMessage | null> {
    const message = await this.messages.claim(orderId, claimMs);
    if (message || !(await this.messages.isDue(orderId))) return message;
    throw new Error(`the message about order ${orderId} is being sent`);
  }

  /** Nothing has come of it: it may be claimed again, and keeps its grant. */
  async release({ orderId }: ShippedMessage): Promise<void> {
    await this.messages.release(orderId);
  }

  async end(message: ShippedMessage, outcome: MessageOutcome): Promise<void> {
    const isNews = await this.transactor.run(async () => {
      if (!(await this.messages.end(message.orderId, outcome))) return false;
      await this.settleGrant(message, outcome);
      return true;
    });
    if (isNews) this.counter.inc({ outcome });
  }

  /** WeChat knows better than we how many grants are left; one for a message that it did not take is still there. */
  private async settleGrant({ userId, templateId }: ShippedMessage, outcome: MessageOutcome): Promise<void> {
    if (outcome === 'not_allowed') await this.grants.clear(userId, templateId);
    if (outcome === 'refused') await this.grants.add(userId, [templateId]);
  }
}
