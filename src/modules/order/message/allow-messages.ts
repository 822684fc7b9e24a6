import { Injectable } from '@nestjs/common';
import { Idempotency, type IdempotentAnswer } from '../../../platform/idempotency/idempotency.js';
import { OrderConfig } from '../order.config.js';
import { MessageGrantRepository } from './message-grant.repository.js';

export interface AllowMessagesCommand {
  readonly userId: string;
  readonly idempotencyKey: string | undefined;
  readonly templateIds: readonly string[];
}

/** A shopper allows one more message of each template. Templates that the shop does not send are not kept. */
@Injectable()
export class AllowMessages {
  constructor(
    private readonly grants: MessageGrantRepository,
    private readonly idempotency: Idempotency,
    private readonly config: OrderConfig,
  ) {}

  execute({ userId, idempotencyKey: key, templateIds }: AllowMessagesCommand): Promise<IdempotentAnswer> {
    const fingerprint = ['POST /me/subscriptions', templateIds];
    const { shippedTemplateId } = this.config;
    const sent = [...new Set(templateIds)].filter(id => id === shippedTemplateId);
    return this.idempotency.run({ ownerId: userId, key, fingerprint }, async () => {
      await this.grants.add(userId, sent);
      return { status: 200, body: JSON.stringify({ templateIds: sent }) };
    });
  }
}
