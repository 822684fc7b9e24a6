import { Injectable } from '@nestjs/common';
import { newId } from '../../kernel/id.js';
import { Transactor } from '../database/transactor.js';
import type { EventDefinition } from '../queue/define-event.js';
import { JobRegistry } from '../queue/job-registry.js';
import { currentTraceparent } from '../tracing/request-context.js';
import { OutboxRepository } from './outbox.repository.js';
import { RelayWakeup } from './relay-wakeup.js';

/** How news leaves a module. */
@Injectable()
export class EventPublisher {
  constructor(
    private readonly transactor: Transactor,
    private readonly outbox: OutboxRepository,
    private readonly registry: JobRegistry,
    private readonly wakeup: RelayWakeup,
  ) {}

  /**
   * Writes the event into the outbox of the open transaction, once for each job it starts: it is delivered, at least
   * once, if and only if that transaction commits. An event that starts no job is not written. Throws outside a
   * transaction, because there the promise could not be kept.
   */
  async publish<Payload>(event: EventDefinition<Payload>, payload: Payload): Promise<void> {
    if (!this.transactor.isOpen) throw new Error(`${event.name} must be published inside a transaction`);
    const facts = event.schema.parse(payload);
    const jobs = this.registry.startedBy(event);
    if (jobs.length === 0) return;
    const news = {
      id: newId(),
      name: event.name,
      payload: facts,
      traceparent: currentTraceparent() ?? null,
      orderKey: event.orderKey?.(facts) ?? null,
    };
    await this.outbox.insert(
      news,
      jobs.map(job => ({ job: job.name, dueAt: job.dueAt?.(facts as never) ?? null })),
    );
    this.transactor.afterCommit(() => this.wakeup.send());
  }
}
