import { parseArgs } from 'node:util';
import { CommandRefused, runCommand, withDatabase, type CommandClient } from '../database/command.js';
import { outboxChannel } from './relay-wakeup.js';

/**
 * `node dist/platform/events/dead-letters.js list|redrive [--job <name>] [--event <id>]`: what gave up, and giving it
 * another round of tries once its cause is mended. Any relay that runs picks it up.
 */

const chosen = '($1::text is null or job = $1) and ($2::text is null or id::text = $2)';

const listSql = `
  select id as event, name, job, attempts, died_at as died, split_part(error, E'\\n', 1) as error
  from dead_letters where ${chosen} order by died_at limit 1000`;

/** One statement: a letter is in the outbox or among the dead, never in both and never in neither. */
const redriveSql = `
  with revived as (delete from dead_letters where ${chosen} returning *)
  insert into outbox (id, job, name, payload, traceparent, order_key, created_at)
  select id, job, name, payload, traceparent, order_key, published_at from revived order by published_at
  on conflict (id, job) do nothing`;

async function main(args: readonly string[]): Promise<void> {
  const { positionals, values } = read(args);
  const [command] = positionals;
  if (positionals.length !== 1 || (command !== 'list' && command !== 'redrive'))
    throw new CommandRefused('usage: dead-letters list|redrive [--job <name>] [--event <id>]');
  const filter = [values.job ?? null, values.event ?? null];
  await withDatabase('minnow-dead-letters', client =>
    command === 'list' ? list(client, filter) : redrive(client, filter),
  );
}

function read(args: readonly string[]) {
  try {
    const options = { job: { type: 'string' }, event: { type: 'string' } } as const;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new CommandRefused((error as Error).message);
  }
}

async function list(client: CommandClient, filter: readonly (string | null)[]): Promise<void> {
  const { rows } = await client.query<Record<string, unknown>>(listSql, [...filter]);
  for (const row of rows) console.log(JSON.stringify(row));
  console.error(`${rows.length} dead letters`);
}

async function redrive(client: CommandClient, filter: readonly (string | null)[]): Promise<void> {
  const { rowCount } = await client.query(redriveSql, [...filter]);
  await client.query('select pg_notify($1, $2)', [outboxChannel, '']);
  console.log(`${rowCount} redriven`);
}

await runCommand(main);
