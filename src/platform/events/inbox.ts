import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Transactor } from '../database/transactor.js';
import { PeriodicTasks } from '../queue/periodic-tasks.js';
import { InboxRepository } from './inbox.repository.js';

/** Far longer than a delivery whose effect is there, but whose acknowledgement was lost, waits to come again. */
const retentionMs = 7 * 86_400_000;

/** Makes a consumer's effect happen once although events are delivered at least once. */
@Injectable()
export class Inbox implements OnModuleInit {
  constructor(
    private readonly transactor: Transactor,
    private readonly inbox: InboxRepository,
    private readonly tasks: PeriodicTasks,
  ) {}

  onModuleInit(): void {
    this.tasks.retain('inbox-retention', limit => this.inbox.forgetProcessed(retentionMs, limit));
  }

  /** Runs `effect` in one transaction with the note that `consumer` has taken `eventId`; a repeat does nothing. */
  async once(consumer: string, eventId: string, effect: () => Promise<void>): Promise<void> {
    await this.transactor.run(async () => {
      if (await this.inbox.markProcessed(consumer, eventId)) await effect();
    });
  }
}
