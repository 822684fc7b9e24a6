import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { auditOf, logInStaff } from '../../support/staff.ts';

const script = join(import.meta.dirname, '../../../dist/modules/admin/create-staff.js');
const strong = 'tea leaves 4 breakfast';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the command that lets the first owner in', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp();
  });
  afterAll(() => shop.stop());

  function create(args: readonly string[], stdin = '', env: Record<string, string> = {}): Promise<Outcome> {
    return new Promise(resolve => {
      const options = { env: { ...process.env, ...shop.env, ...env } };
      const child = execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      });
      child.stdin!.end(stdin);
    });
  }

  async function count(): Promise<number> {
    return (await shop.database.query('select from staff')).rowCount!;
  }

  it('takes the password that is piped in, and shows it to nobody', async () => {
    const { code, stdout, stderr } = await create(['--username', 'lihua', '--role', 'owner'], `${strong}\n`);
    expect([code, stdout, stderr]).toEqual([0, 'created owner lihua\n', '']);
    const { status, body } = await logInStaff(shop, 'lihua', strong);
    expect([status, body.staff.role]).toEqual([200, 'owner']);
    expect((await auditOf(shop, body.staff.id))[0]).toMatchObject({
      action: 'staff.create',
      staffId: null,
      after: { username: 'lihua', role: 'owner' },
    });
  });

  it('makes a password where none is piped in, and shows it once', async () => {
    const { code, stdout } = await create(['--username', 'wang', '--role', 'support']);
    const password = /^created support wang\npassword: (\S{24})\n$/.exec(stdout)?.[1];
    expect(code).toBe(0);
    expect((await logInStaff(shop, 'wang', password!)).status).toBe(200);
  });

  it.each([
    ['a weak password', ['--username', 'chen', '--role', 'owner'], 'password123456', 'too easy to guess'],
    ['a short one', ['--username', 'chen', '--role', 'owner'], 'x7Kp2mQ9', 'too easy to guess: length'],
    ['no name', ['--role', 'owner'], strong, 'usage: staff:create'],
    ['no role', ['--username', 'chen'], strong, 'usage: staff:create'],
    ['a role that does not exist', ['--username', 'chen', '--role', 'root'], strong, 'usage: staff:create'],
    ['a name that is none', ['--username', 'Chen Li', '--role', 'owner'], strong, 'usage: staff:create'],
    ['an option it does not know', ['--username', 'chen', '--admin'], strong, 'usage: staff:create'],
  ])('refuses %s in one line or two, and creates nobody', async (_, args, stdin, message) => {
    const before = await count();
    const { code, stdout, stderr } = await create(args, stdin);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stderr).not.toContain(stdin);
    expect(await count()).toBe(before);
  });

  it('never takes over somebody who is there', async () => {
    await create(['--username', 'zhao', '--role', 'support'], strong);
    const again = await create(['--username', 'zhao', '--role', 'owner'], 'another tea 4 breakfast');
    expect([again.code, again.stderr]).toEqual([1, 'the username is taken\n']);
    expect((await logInStaff(shop, 'zhao', strong)).body.staff.role).toBe('support');
  });

  it('says what to do where there are no tables yet', async () => {
    const empty = new URL(inject('stackEnv')['DATABASE_URL']!);
    empty.pathname = '/postgres';
    const args = ['--username', 'early', '--role', 'owner'];
    const { code, stderr } = await create(args, strong, { DATABASE_URL: empty.href });
    expect([code, stderr]).toEqual([1, 'there are no tables yet: migrate first\n']);
  });
});
