import { Injectable } from '@nestjs/common';
import { CacheConfig } from './cache.config.js';
import { CacheBusy } from './cache.errors.js';

interface Waiting {
  readonly enter: () => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * How many missing values this process reads at once: whatever is cold, the pool of connections has room for orders.
 * Promise: nobody waits longer than `cache.loadWait`, and who finds the queue full is refused at once.
 */
@Injectable()
export class LoadGate {
  private readonly queue = new Set<Waiting>();
  private inside = 0;

  constructor(private readonly config: CacheConfig) {}

  get running(): number {
    return this.inside;
  }

  get waiting(): number {
    return this.queue.size;
  }

  /** @throws CacheBusy (unavailable) */
  async run<T>(load: () => Promise<T>): Promise<T> {
    if (this.inside < this.config.maxLoads) this.inside += 1;
    else await this.turn();
    try {
      return await load();
    } finally {
      this.leave();
    }
  }

  private turn(): Promise<void> {
    if (this.queue.size >= this.config.maxWaitingLoads) throw new CacheBusy();
    return new Promise((enter, refuse) => {
      const timer = setTimeout(() => {
        this.queue.delete(waiting);
        refuse(new CacheBusy());
      }, this.config.loadWait);
      const waiting: Waiting = { enter, timer };
      this.queue.add(waiting);
    });
  }

  /** The place of who leaves goes to who has waited longest. */
  private leave(): void {
    const next = this.queue.values().next();
    if (next.done) {
      this.inside -= 1;
      return;
    }
    this.queue.delete(next.value);
    clearTimeout(next.value.timer);
    next.value.enter();
  }
}
