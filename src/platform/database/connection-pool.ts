import pg from 'pg';
import { BorrowWatch } from './borrow-watch.js';
import { DatabaseUnavailable } from './database-error.js';
import type { Stack } from './pool-client.js';
import { WarmConnections } from './warm-connections.js';

export interface PoolSettings extends pg.PoolConfig {
  readonly max: number;
  readonly min: number;
  readonly maxLifetimeSeconds: number;
  readonly maxWaiting: number;
  /** 0: nobody is watched. */
  readonly leakWarningMs: number;
}

/** What has happened to connections so far; `lost` ones broke, `retired` ones had served their time. */
interface PoolCounts {
  opened: number;
  lost: number;
  retired: number;
  refused: number;
}

type Lend = Parameters<pg.Pool['connect']>[0];

/** What its declarations leave out: a connection is opened for `waiter`, and counts from now on. */
interface Opener {
  newClient(waiter: { readonly callback: Lend }): void;
}

const jitter = 0.1;

/**
 * pg-pool, and what it has not: a minimum that is there before somebody needs it, lifetimes that do not end together,
 * a bound on those who wait, and a word about who keeps a connection.
 */
export class ConnectionPool extends pg.Pool {
  readonly counts: PoolCounts = { opened: 0, lost: 0, retired: 0, refused: 0 };
  private readonly maxWaiting: number;
  private readonly borrows: BorrowWatch;
  private readonly warm: WarmConnections;
  private readonly lost = new WeakSet<pg.PoolClient>();
  private isKeptWarm = false;

  constructor(settings: PoolSettings) {
    super(settings);
    this.maxWaiting = settings.maxWaiting;
    this.borrows = new BorrowWatch(settings.leakWarningMs);
    this.warm = new WarmConnections(() => !this.ending && this.totalCount < settings.min, openOne(this));
    // pg-pool asks for it with every connection anew.
    Object.defineProperty(this.options, 'maxLifetimeSeconds', {
      get: () => settings.maxLifetimeSeconds * (1 - Math.random() * jitter),
    });
    this.keepCounts();
  }

  /** How often somebody has kept a connection for too long. */
  get leaks(): number {
    return this.borrows.late;
  }

  /** From now on there are `min` connections, or soon again: they are opened one at a time, behind whoever asks. */
  keepWarm(): void {
    this.isKeptWarm = true;
    this.on('remove', () => this.refill());
    this.refill();
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(lend: Lend): void;
  override connect(lend?: Lend): Promise<pg.PoolClient> | void {
    const stack = this.borrows.stack();
    if (!lend) return this.borrow(stack);
    if (this.isCrowded()) return lend(this.refusal(), undefined, () => undefined);
    super.connect((error, client, release) => {
      if (client) this.borrows.lent(client, stack);
      else this.refill();
      lend(error, client, release);
    });
  }

  /** Also after connecting has failed: those who tried counted as connections until then. */
  private refill(): void {
    if (this.isKeptWarm) this.warm.fill();
  }

  private async borrow(stack: Stack | undefined): Promise<pg.PoolClient> {
    if (this.isCrowded()) throw this.refusal();
    try {
      const client = await super.connect();
      this.borrows.lent(client, stack);
      return client;
    } catch (error) {
      this.refill();
      throw error;
    }
  }

  /** Those who find a connection, or room for one, wait as well, but not for somebody else. */
  private isCrowded(): boolean {
    const free = this.idleCount + this.options.max - this.totalCount;
    return this.waitingCount - free >= this.maxWaiting;
  }

  private refusal(): DatabaseUnavailable {
    this.counts.refused += 1;
    return new DatabaseUnavailable(new Error(`${this.waitingCount} wait for a connection already`));
  }

  private keepCounts(): void {
    this.on('connect', client => {
      this.counts.opened += 1;
      client.on('error', () => this.lost.add(client));
    });
    this.on('release', (error, client) => {
      this.borrows.returned(client);
      if (error) this.lost.add(client);
    });
    this.on('remove', client => (this.counts[this.lost.has(client) ? 'lost' : 'retired'] += 1));
  }
}

/** `connect` would take an idle connection. */
function openOne(pool: pg.Pool): () => Promise<void> {
  const opener = pool as unknown as Opener;
  return () =>
    new Promise((resolve, reject) => {
      opener.newClient({
        callback(error, _client, release) {
          release();
          if (error) reject(error);
          else resolve();
        },
      });
    });
}
