import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Notifications } from '../database/notifications.js';
import { PeriodicTasks } from '../queue/periodic-tasks.js';
import { QueueConfig } from '../queue/queue.config.js';

export const relayTask = 'outbox-relay';
/** Also for whoever writes into the outbox from outside a shop. */
export const outboxChannel = 'minnow_outbox';

/**
 * Tells a relay that there is something to do: the one of this process, or, where this process has none, those of the
 * others by NOTIFY. A hint that is lost costs at most `queue.relayInterval`.
 */
@Injectable()
export class RelayWakeup implements OnApplicationBootstrap {
  constructor(
    private readonly tasks: PeriodicTasks,
    private readonly notifications: Notifications,
    private readonly config: QueueConfig,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.consume) this.notifications.listen(outboxChannel, () => this.tasks.wake(relayTask));
  }

  send(): void {
    if (this.config.consume) this.tasks.wake(relayTask);
    else this.notifications.send(outboxChannel);
  }
}
