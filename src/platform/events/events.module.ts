import { Global, Module } from '@nestjs/common';
import { makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Deliveries } from '../queue/deliveries.js';
import { EventPublisher } from './event-publisher.js';
import { InboxRepository } from './inbox.repository.js';
import { Inbox } from './inbox.js';
import { Outbox, eventLagMetric } from './outbox.js';
import { OutboxRelay } from './outbox-relay.js';
import { OutboxRepository } from './outbox.repository.js';
import { RelayWakeup } from './relay-wakeup.js';

/**
 * Events between modules: a transactional outbox, a relay to Bull, an inbox for consumers.
 * Promise: an event is delivered at least once if its transaction commits, even if Redis forgets everything, and takes
 * effect once; those with one key in order; what cannot take effect is kept aside, not lost.
 */
@Global()
@Module({
  providers: [
    OutboxRepository,
    InboxRepository,
    EventPublisher,
    Inbox,
    Outbox,
    OutboxRelay,
    RelayWakeup,
    { provide: Deliveries, useExisting: Outbox },
    makeHistogramProvider({
      name: eventLagMetric,
      help: 'From the moment a delivery is due until it has taken effect, by job',
      labelNames: ['job'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120, 600],
    }),
  ],
  exports: [EventPublisher, Inbox, Deliveries],
})
export class EventsModule {}
