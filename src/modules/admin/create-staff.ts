import { randomBytes } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { newId } from '../../kernel/id.js';
import {
  CommandRefused,
  runCommand,
  withDatabase,
  type CommandClient,
} from '../../platform/database/command.js';
import { PasswordWeak } from './admin.errors.js';
import { hashPassword } from './credential/password-hash.js';
import { assertStrong } from './credential/password-policy.js';
import { createStaff } from './staff/staff.schema.js';

/**
 * `node dist/modules/admin/create-staff.js --username <name> --role <role>`: how the first owner comes in, and a way in
 * for whoever may reach the database. The password is what is piped in; else one is made, and shown this once.
 */

const usage = 'usage: staff:create -- --username <name> --role owner|manager|warehouse|support';
/** Somebody may have to unlock what the password comes from. */
const stdinTimeoutMs = 60_000;

const nameAndRole = createStaff.pick({ username: true, role: true });

const insertSql = `
  with created as (
    insert into staff (id, username, role, password_hash) values ($1, $2, $3, $4)
    on conflict (username) do nothing returning id, username, role
  ), told as (
    insert into audit_log (id, username, action, target_id, after)
    select $5, 'operator', 'staff.create', id, jsonb_build_object('id', id, 'username', username, 'role', role)
    from created
  )
  select id from created`;

async function main(args: readonly string[]): Promise<void> {
  const { username, role } = read(args);
  const given = await pipedPassword();
  const password = given ?? randomBytes(18).toString('base64url');
  if (given !== null) requireStrong(given, username);
  const passwordHash = await hashPassword(password);
  await withDatabase('minnow-create-staff', client =>
    create(client, [newId(), username, role, passwordHash]),
  );
  console.log(`created ${role} ${username}`);
  if (given === null) console.log(`password: ${password}`);
}

function read(args: readonly string[]) {
  const options = { username: { type: 'string' }, role: { type: 'string' } } as const;
  try {
    return nameAndRole.parse(parseArgs({ args: [...args], options }).values);
  } catch {
    throw new CommandRefused(`${usage}\nA name begins with a letter: 3 to 32 of a-z, 0-9, '.', '_' and '-'.`);
  }
}

/** Null when nobody pipes anything in: a terminal, or no input at all. */
async function pipedPassword(): Promise<string | null> {
  const stdin = fstatSync(0);
  if (!stdin.isFIFO() && !stdin.isFile() && !stdin.isSocket()) return null;
  try {
    const input = addAbortSignal(AbortSignal.timeout(stdinTimeoutMs), process.stdin);
    return (await text(input)).replace(/\r?\n$/, '') || null;
  } catch {
    throw new CommandRefused(`no password came on standard input within ${stdinTimeoutMs / 1_000} s`);
  }
}

function requireStrong(password: string, username: string): void {
  try {
    assertStrong(password, username);
  } catch (error) {
    if (!(error instanceof PasswordWeak)) throw error;
    throw new CommandRefused(`the password is too easy to guess: ${error.details.reason}`);
  }
}

async function create(client: CommandClient, row: readonly string[]): Promise<void> {
  const { rowCount } = await client.query(insertSql, [...row, newId()]);
  if (rowCount === 0) throw new CommandRefused('the username is taken');
}

await runCommand(main);
