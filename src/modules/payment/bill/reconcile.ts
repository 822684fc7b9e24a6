import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  CommandRefused,
  runCommand,
  withDatabase,
  type CommandClient,
} from '../../../platform/database/command.js';
import { beijingDayOf, isBeijingDay, type BeijingDay } from '../../../kernel/beijing-time.js';
import { billReport, type KeptComparison } from './bill-report.js';
import { reconciliationChannel } from './reconcile-days.js';

/**
 * `node dist/modules/payment/bill/reconcile.js --date <day> [--json]`: asks the shop, which knows WeChat's keys, to
 * compare a day with its bill, and shows the result. Exit code 0: they agree; 1: they differ; 2: there is no result.
 */

const usage = 'usage: reconcile -- --date 2026-11-23 [--json]';
const differs = 1;
const noResult = 2;
/** A shop that runs hears of it at once. */
const takenWithinMs = 10_000;
/** Longer than `wechat.billTimeout`, and what comes after it. */
const endsWithinMs = 120_000;
const lookEveryMs = 200;

interface Row {
  readonly turn: number;
  readonly hasEnded: boolean;
  readonly error: string | null;
  readonly nextTry: string | null;
  readonly comparison: KeptComparison;
}

const askSql = `
  insert into reconciliations (date, due_at, turn) values ($1, now(), 1)
  on conflict (date) do update set due_at = now(), turn = reconciliations.turn + 1, ended_at = null, error = null
  returning turn`;

const lookSql = `
  select turn, ended_at is not null as "hasEnded", error, to_json(due_at) #>> '{}' as "nextTry", json_build_object(
    'date', date, 'comparedAt', compared_at, 'here', here, 'there', there,
    'differenceCount', difference_count, 'differences', differences) as comparison
  from reconciliations where date = $1`;

async function main(args: readonly string[]): Promise<void> {
  const { date, json } = read(args);
  await withDatabase('minnow-reconcile', async client => {
    const comparison = await compare(client, date);
    console.log(json ? JSON.stringify(comparison) : billReport(comparison));
    if (comparison.differenceCount > 0) process.exitCode = differs;
  });
}

function read(args: readonly string[]): { readonly date: BeijingDay; readonly json: boolean } {
  const { date = '', json = false } = parse(args);
  if (!isBeijingDay(date)) throw new CommandRefused(usage);
  if (date > beijingDayOf(new Date())) throw new CommandRefused(`${date} has not begun in Beijing`);
  return { date, json };
}

function parse(args: readonly string[]): { readonly date?: string; readonly json?: boolean } {
  try {
    const options = { date: { type: 'string' }, json: { type: 'boolean' } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new CommandRefused(`${(error as Error).message}\n${usage}`);
  }
}

async function compare(client: CommandClient, date: BeijingDay): Promise<KeptComparison> {
  const { rows } = await client.query<{ turn: number }>(askSql, [date]);
  await client.query('select pg_notify($1, $2)', [reconciliationChannel, '']);
  const { error, nextTry, comparison } = await untilEnded(client, date, rows[0]!.turn);
  if (error === null) return comparison;
  throw new CommandRefused(nextTry === null ? error : `${error}; it is tried again at ${nextTry}`);
}

async function untilEnded(client: CommandClient, date: BeijingDay, asked: number): Promise<Row> {
  const started = performance.now();
  for (;;) {
    const { rows } = await client.query<Row>(lookSql, [date]);
    const row = rows[0]!;
    if (row.hasEnded) return row;
    const waitedMs = performance.now() - started;
    if (row.turn === asked && waitedMs > takenWithinMs)
      throw new CommandRefused('no shop has taken it up: one must be running, with QUEUE_CONSUME');
    if (waitedMs > endsWithinMs) throw new CommandRefused('no result in time; the shop goes on trying');
    await pause(lookEveryMs);
  }
}

await runCommand(main, noResult);
