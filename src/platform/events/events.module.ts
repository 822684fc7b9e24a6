import { Global, Module } from '@nestjs/common';
import { EventPublisher } from './event-publisher.js';
import { InboxRepository } from './inbox.repository.js';
import { Inbox } from './inbox.js';
import { OutboxRelay } from './outbox-relay.js';
import { OutboxRepository } from './outbox.repository.js';

/**
 * Events between modules: a transactional outbox, a relay to Bull, an inbox for consumers.
 * Promise: an event is delivered at least once if its transaction commits, and takes effect once.
 */
@Global()
@Module({
  providers: [OutboxRepository, InboxRepository, EventPublisher, Inbox, OutboxRelay],
  exports: [EventPublisher, Inbox],
})
export class EventsModule {}
