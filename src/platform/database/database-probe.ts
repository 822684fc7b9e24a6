import { Injectable } from '@nestjs/common';
import { Client } from 'pg';
import { DatabaseConfig } from './database.config.js';
import { migrationNames } from './migration-files.js';

/**
 * Asks PostgreSQL on a connection of its own: a probe through the request pool would take the process out of
 * rotation just when the pool is busiest.
 */
@Injectable()
export class DatabaseProbe {
  private expected?: Promise<ReadonlySet<string>> | undefined;

  constructor(private readonly config: DatabaseConfig) {}

  /** Names of migrations this build has and the database lacks. Rejects when PostgreSQL does not answer in `timeoutMs`. */
  async pendingMigrations(timeoutMs: number): Promise<readonly string[]> {
    const client = new Client({
      connectionString: this.config.url,
      application_name: 'minnow-probe',
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ name: string }>('select name from migrations');
      const applied = new Set(rows.map(row => row.name));
      return [...(await this.expectedNames())].filter(name => !applied.has(name));
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private expectedNames(): Promise<ReadonlySet<string>> {
    this.expected ??= migrationNames().catch((error: unknown) => {
      this.expected = undefined;
      throw error;
    });
    return this.expected;
  }
}
