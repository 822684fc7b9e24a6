import { Client, type ClientConfig } from 'pg';
import { ConfigError, loadSlice } from '../config/load-config.js';
import { isUndefinedTable } from './database-error.js';
import { DatabaseConfig } from './database.config.js';

/** What the commands of operators share (`node dist/platform/…/<command>.js`): a connection, and how they fail. */

const connectTimeoutMs = 10_000;

export type CommandClient = Client;

/** What an operator can put right: told in one line, without a stack. */
export class CommandRefused extends Error {}

/** Ends with `failureCode` and says why if `main` fails. */
export async function runCommand(
  main: (args: readonly string[]) => Promise<void>,
  failureCode = 1,
): Promise<void> {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    console.error(reasonOf(error));
    process.exitCode = failureCode;
  }
}

function reasonOf(error: unknown): unknown {
  if (error instanceof ConfigError || error instanceof CommandRefused) return error.message;
  return isUndefinedTable(error) ? 'there are no tables yet: migrate first' : error;
}

/** @throws CommandRefused when PostgreSQL does not let us in */
export async function withDatabase(
  applicationName: string,
  work: (client: CommandClient, url: string) => Promise<void>,
  options: ClientConfig = {},
): Promise<void> {
  const { url } = loadSlice(DatabaseConfig);
  const client = new Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    ...options,
  });
  // A connection that breaks fails the query that waits on it; nobody else has to hear of it.
  client.on('error', () => undefined);
  await connect(client);
  try {
    await work(client, url);
  } finally {
    await client.end();
  }
}

async function connect(client: Client): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandRefused(`PostgreSQL at ${client.host}:${client.port} refuses: ${message || code}`);
  }
}
