import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { LoginThrottle, type Attempt } from '../../../src/modules/admin/credential/login-throttle.ts';
import { LoginThrottleRepository } from '../../../src/modules/admin/credential/login-throttle.repository.ts';
import { LoginThrottled } from '../../../src/modules/admin/admin.errors.ts';
import { startApp, type TestApp } from '../../support/app.ts';

const windowS = 15 * 60;

describe('the throttle of staff logins', () => {
  let shop: TestApp;
  let throttle: LoginThrottle;
  beforeAll(async () => {
    shop = await startApp();
    throttle = shop.app.get(LoginThrottle, { strict: false });
  });
  afterAll(() => shop.stop());

  let last = 0;
  const newAddress = (): string => `192.0.2.${++last}`;

  const refusal = async (work: Promise<Attempt>): Promise<LoginThrottled> => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(LoginThrottled);
    return error as LoginThrottled;
  };

  const fail = async (times: number, name: () => string, address: () => string): Promise<void> => {
    for (let i = 0; i < times; i++) await throttle.admit(name(), address());
  };

  /** As if this much time had passed since everything so far. */
  async function pass(seconds: number): Promise<void> {
    await shop.database.query(
      `update staff_login_failures set expires_at = expires_at - $1 * interval '1 second',
         failed_at = array(select at - $1 * interval '1 second' from unnest(failed_at) as at)`,
      [seconds],
    );
  }

  it('admits a name five times, whatever addresses it is tried from, and says when again', async () => {
    const name = newId();
    await fail(5, () => name, newAddress);
    const { retryAfterSeconds } = await refusal(throttle.admit(name, newAddress()));
    expect(retryAfterSeconds).toBeGreaterThan(windowS - 60);
    expect(retryAfterSeconds).toBeLessThanOrEqual(windowS);
  });

  it('keeps its word: refused a moment before the time it named, admitted after', async () => {
    const name = newId();
    await fail(2, () => name, newAddress);
    await pass(300);
    await fail(3, () => name, newAddress);
    const { retryAfterSeconds } = await refusal(throttle.admit(name, newAddress()));
    expect(retryAfterSeconds).toBeLessThanOrEqual(windowS - 300);
    await pass(retryAfterSeconds - 30);
    await refusal(throttle.admit(name, newAddress()));
    await pass(31);
    await fail(2, () => name, newAddress);
    await refusal(throttle.admit(name, newAddress()));
  });

  it('admits an address twenty times, whatever names it tries, and other addresses still', async () => {
    const address = newAddress();
    await fail(20, newId, () => address);
    await refusal(throttle.admit(newId(), address));
    await throttle.admit(newId(), newAddress());
  });

  it('does not let one subscriber have as many tries as an IPv6 network has addresses', async () => {
    await fail(20, newId, () => `2001:db8:7:7::${++last}`);
    await refusal(throttle.admit(newId(), '2001:db8:7:7:ffff::1'));
  });

  it('never admits more than it may, however many come at once', async () => {
    const name = newId();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, () => throttle.admit(name, newAddress())),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it('does not count what it refuses: an impatient person waits no longer than a patient one', async () => {
    const [name, address] = [newId(), newAddress()];
    await fail(5, () => name, newAddress);
    const first = await refusal(throttle.admit(name, address));
    for (let i = 0; i < 25; i++) await refusal(throttle.admit(name, address));
    const later = await refusal(throttle.admit(name, address));
    expect(later.retryAfterSeconds).toBeLessThanOrEqual(first.retryAfterSeconds);
    await throttle.admit(newId(), address);
  });

  it('forgives a name that got its password right, and not the address it came from', async () => {
    const [name, address] = [newId(), newAddress()];
    await fail(19, newId, () => address);
    for (let i = 0; i < 8; i++) await throttle.forgive(await throttle.admit(name, address));
    await throttle.admit(newId(), address);
    await refusal(throttle.admit(newId(), address));
  });

  it('keeps neither names nor addresses, which may be passwords in the wrong field', async () => {
    const name = newId();
    await throttle.admit(name, newAddress());
    const { rows } = await shop.database.query<{ row: string }>(
      'select f::text as row from staff_login_failures f',
    );
    expect(rows.filter(({ row }) => row.includes(name) || row.includes('192.0.2'))).toEqual([]);
  });

  it('forgets what is over, and nothing that still counts', async () => {
    const [old, fresh] = [newId(), newId()];
    const failures = shop.app.get(LoginThrottleRepository, { strict: false });
    await fail(5, () => old, newAddress);
    await pass(windowS);
    await fail(5, () => fresh, newAddress);
    await failures.deleteExpired(1_000);
    await throttle.admit(old, newAddress());
    await refusal(throttle.admit(fresh, newAddress()));
  });
});
