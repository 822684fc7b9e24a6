import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { JobQueues } from './job-queues.js';

const safePolicy = 'noeviction';

/**
 * A Redis that evicts takes jobs out of the queue when memory is short. The outbox delivers them again, but only after
 * `queue.relayLease`; with `noeviction` a job is refused instead, and is known to be. Asked on every new connection.
 */
@Injectable()
export class EvictionWatch implements OnApplicationBootstrap {
  private readonly logger = new Logger(EvictionWatch.name);
  private policy = safePolicy;

  constructor(private readonly queues: JobQueues) {}

  /** False as long as Redis has not said that it may. */
  get mayEvict(): boolean {
    return this.policy !== safePolicy;
  }

  onApplicationBootstrap(): void {
    const client = this.queues.all()[0]?.client;
    client?.on('ready', () => void this.ask(client));
    if (client?.status === 'ready') void this.ask(client);
  }

  /** By INFO, because hosted servers often refuse CONFIG. */
  private async ask(client: Redis): Promise<void> {
    const info = await client.info('memory').catch(() => '');
    const policy = /^maxmemory_policy:([\w-]+)/m.exec(info)?.[1];
    if (policy === undefined || policy === this.policy) return;
    this.policy = policy;
    if (this.mayEvict)
      this.logger.warn(
        { policy },
        `the queue's Redis may evict jobs: its maxmemory-policy is not ${safePolicy}`,
      );
  }
}
