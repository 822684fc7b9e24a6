import { Injectable, Logger } from '@nestjs/common';
import { Transactor } from '../../platform/database/transactor.js';
import { EventPublisher } from '../../platform/events/event-publisher.js';
import { MessagePush, type PushQuery } from '../../platform/wechat/push/message-push.js';
import { PushRefused } from '../../platform/wechat/wechat-error.js';
import { PushReceived } from './push.events.js';

/** Takes what WeChat pushes, or somebody who pretends to be WeChat. Every refusal is thrown, and seen. */
@Injectable()
export class PushService {
  private readonly logger = new Logger(PushService.name);

  constructor(
    private readonly pushes: MessagePush,
    private readonly transactor: Transactor,
    private readonly events: EventPublisher,
  ) {}

  /** @throws PushNotConfigured, PushRefused */
  check(query: PushQuery): string {
    return this.watch(() => this.pushes.check(query));
  }

  /** @throws PushNotConfigured, PushRefused */
  async receive(query: PushQuery, rawBody: Buffer): Promise<void> {
    const pushed = this.watch(() => this.pushes.read(query, rawBody));
    await this.transactor.run(() => this.events.publish(PushReceived, pushed));
    const { type, event } = pushed;
    this.logger.log({ type, event }, 'WeChat pushed a message');
  }

  private watch<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof PushRefused) this.logger.warn({ flaw: error.flaw }, 'refused a message push');
      throw error;
    }
  }
}
