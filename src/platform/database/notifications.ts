import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Client } from 'pg';
import { DatabaseConfig } from './database.config.js';
import { Transactor } from './transactor.js';

const reconnectAfterMs = 1_000;

/**
 * PostgreSQL's LISTEN and NOTIFY, for hints between processes: one that is lost (a connection breaks) costs time, never
 * correctness, because whoever listens also looks by itself. Listens on one connection outside the pool.
 */
@Injectable()
export class Notifications implements OnApplicationShutdown {
  private readonly logger = new Logger(Notifications.name);
  private readonly hearers = new Map<string, () => void>();
  private client: Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly config: DatabaseConfig,
    private readonly transactor: Transactor,
  ) {}

  /** One hearer a channel. */
  listen(channel: string, hear: () => void): void {
    this.hearers.set(channel, hear);
    if (!this.client) void this.connect();
    else void this.subscribe(this.client, channel);
  }

  /**
   * Call after the commit, not within: NOTIFY in a transaction makes commits queue up one behind the other. Calls while
   * one is under way are one call.
   */
  send(channel: string): void {
    this.sending ??= this.transactor
      .query('select pg_notify($1, $2)', [channel, ''])
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => (this.sending = undefined));
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    await this.client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new Client({
      connectionString: this.config.url,
      application_name: 'minnow-listen',
      connectionTimeoutMillis: this.config.acquireTimeout,
      keepAlive: true,
    });
    this.client = client;
    client.on('error', (error: Error) => this.logger.warn({ err: error }, 'stopped listening to PostgreSQL'));
    client.on('notification', ({ channel }) => this.hearers.get(channel)?.());
    client.once('end', () => this.reconnect());
    await client.connect().then(
      () => this.subscribeAll(client),
      () => this.reconnect(),
    );
  }

  private async subscribeAll(client: Client): Promise<void> {
    for (const [channel, hear] of this.hearers) {
      await this.subscribe(client, channel);
      // Whatever was said while nobody listened.
      hear();
    }
  }

  private async subscribe(client: Client, channel: string): Promise<void> {
    await client.query(`listen ${client.escapeIdentifier(channel)}`).catch(() => undefined);
  }

  private reconnect(): void {
    if (this.closed || this.retry) return;
    this.retry = setTimeout(() => {
      this.retry = undefined;
      void this.connect();
    }, reconnectAfterMs);
    this.retry.unref();
  }
}
