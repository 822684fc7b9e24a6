import { Injectable } from '@nestjs/common';
import { Transactor } from '../database/transactor.js';
import { OutboxRepository } from './outbox.repository.js';

/** Makes a consumer's effect happen once although events are delivered at least once. */
@Injectable()
export class Inbox {
  constructor(
    private readonly transactor: Transactor,
    private readonly outbox: OutboxRepository,
  ) {}

  /** Runs `effect` in one transaction with the note that `consumer` has taken `eventId`; a repeat does nothing. */
  async once(consumer: string, eventId: string, effect: () => Promise<void>): Promise<void> {
    await this.transactor.run(async () => {
      if (await this.outbox.markProcessed(consumer, eventId)) await effect();
    });
  }
}
