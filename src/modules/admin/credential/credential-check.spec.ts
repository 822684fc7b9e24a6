import { setImmediate as turn } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { PasswordsBusy } from '../admin.errors.js';
import type { StaffCredential, StaffRepository } from '../staff/staff.repository.js';
import { CredentialCheck } from './credential-check.js';
import type { LoginThrottle } from './login-throttle.js';
import { hashPassword } from './password-hash.js';

const password = 'tea leaves 4 breakfast';
let passwordHash: string;
beforeAll(async () => {
  passwordHash = await hashPassword(password);
});

/** Everything but the hashing is done in the same turn of the event loop. */
function checkOf(member: Partial<StaffCredential> | null): {
  check: CredentialCheck;
  forgiven: () => number;
} {
  let forgiven = 0;
  const found = member && { isActive: true, passwordHash, ...member };
  const staff = { findCredential: async () => found } as unknown as StaffRepository;
  const throttle = {
    admit: async () => ({}),
    forgive: async () => void (forgiven += 1),
  } as unknown as LoginThrottle;
  return { check: new CredentialCheck(staff, throttle), forgiven: () => forgiven };
}

describe('checking a password', () => {
  it('knows whose it is, and forgives the attempt', async () => {
    const { check, forgiven } = checkOf({ username: 'mei' });
    expect(await check.execute({ username: 'mei', password }, '::1')).toMatchObject({ username: 'mei' });
    expect(forgiven()).toBe(1);
  });

  it.each([
    ['a wrong password', {}, 'another one'],
    ['somebody who has left', { isActive: false }, password],
    ['a name that nobody has', null, password],
  ])('refuses %s, forgives nothing, and hashes all the same', async (_, member, given) => {
    const { check, forgiven } = checkOf(member);
    const execute = () => check.execute({ username: 'mei', password: given }, '::1');
    const both = Promise.all([execute(), execute()]);
    await turn();
    // Without hashing they would be through by now, and a stopwatch could tell which names exist.
    await expect(execute()).rejects.toBeInstanceOf(PasswordsBusy);
    expect(await both).toEqual([null, null]);
    expect(forgiven()).toBe(0);
    expect(await execute()).toBeNull();
  });
});
