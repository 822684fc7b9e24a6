import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { auditOf, logInStaff, Staff, staffPassword } from '../../support/staff.ts';
import { waitingForLocks } from '../../support/row-lock.ts';
import { until } from '../../support/until.ts';

const strong = 'tea leaves 4 breakfast';

describe('the staff', () => {
  let shop: TestApp;
  let owner: Staff;
  beforeAll(async () => {
    shop = await startApp();
    owner = await Staff.hire(shop, 'owner');
  });
  afterAll(() => shop.stop());

  async function secretsOf(id: string): Promise<{ password_hash: string }> {
    const { rows } = await shop.database.query<{ password_hash: string }>(
      'select * from staff where id = $1',
      [id],
    );
    return rows[0]!;
  }

  it('can be hired, and their passwords are kept as nothing but a hash', async () => {
    const body = { username: 'mei', role: 'warehouse', password: strong };
    const hired = await owner.post<{ id: string }>('/staff', body);
    expect(hired.status).toBe(201);
    expect(hired.body).toEqual({
      id: expect.any(String),
      username: 'mei',
      role: 'warehouse',
      isActive: true,
      createdAt: expect.any(String),
    });
    expect((await secretsOf(hired.body.id)).password_hash).toMatch(/^scrypt\$32768\$8\$3\$/);
    const told = await auditOf(shop, hired.body.id);
    expect(told).toMatchObject([{ action: 'staff.create', staffId: owner.id, permission: 'staff.manage' }]);
    expect(JSON.stringify(told)).not.toMatch(/tea leaves|scrypt/);
    expect((await logInStaff(shop, 'mei', strong)).status).toBe(200);
  });

  it.each([
    ['a name that somebody has', () => owner.username, strong, 409, 'admin.username_taken'],
    ['a password that is guessed at once', () => 'wei', 'password1234', 422, 'admin.password_weak'],
    ['a password with the name in it', () => 'weiwei', 'ask weiwei for tea', 422, 'admin.password_weak'],
    ['a name that looks like another', () => 'Οwner', strong, 400, 'request.invalid'],
  ])('are not hired with %s', async (_, username, password, status, code) => {
    const answer = await owner.post('/staff', { username: username(), role: 'support', password });
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  it('are listed page by page, newest first, and nothing secret with them', async () => {
    for (let i = 0; i < 3; i++) await Staff.hire(shop, 'support');
    const first = await owner.get<{ items: { id: string }[]; nextCursor: string }>('/staff?limit=2');
    const second = await owner.get<{ items: { id: string }[] }>(
      `/staff?limit=50&cursor=${first.body.nextCursor}`,
    );
    const ids = [...first.body.items, ...second.body.items].map(({ id }) => id);
    const { rows } = await shop.database.query<{ id: string }>('select id from staff order by id desc');
    expect(ids).toEqual(rows.map(({ id }) => id));
    expect(first.text + second.text).not.toMatch(/scrypt|password/i);
  });

  it('lose or gain rights with their role at once, in the session they have', async () => {
    const member = await Staff.hire(shop, 'support');
    expect((await member.get('/staff')).status).toBe(403);
    expect((await owner.patch(`/staff/${member.id}`, { role: 'owner' })).body).toMatchObject({
      role: 'owner',
    });
    expect((await member.get('/staff')).status).toBe(200);
    await owner.patch(`/staff/${member.id}`, { role: 'warehouse' });
    expect((await member.get('/staff')).status).toBe(403);
    expect(await auditOf(shop, member.id)).toMatchObject([
      { action: 'staff.change-role', before: { role: 'support' }, after: { role: 'owner' } },
      { action: 'staff.change-role', before: { role: 'owner' }, after: { role: 'warehouse' } },
    ]);
  });

  it('are out of every session the moment they are dismissed, and cannot log in again', async () => {
    const member = await Staff.hire(shop, 'manager');
    const elsewhere = await member.again();
    const answer = await owner.post(`/staff/${member.id}/deactivate`);
    expect([answer.status, answer.body['isActive']]).toEqual([200, false]);
    expect((await member.get('/me')).status).toBe(401);
    expect((await elsewhere.get('/me')).status).toBe(401);
    expect((await logInStaff(shop, member.username, staffPassword)).status).toBe(401);
  });

  it('with a reset password are out of every session, and in again with the new one only', async () => {
    const member = await Staff.hire(shop, 'manager');
    expect((await owner.put(`/staff/${member.id}/password`, { password: strong })).status).toBe(204);
    expect((await member.get('/me')).body).toMatchObject({ code: 'admin.token_invalid' });
    expect((await logInStaff(shop, member.username, staffPassword)).status).toBe(401);
    expect((await logInStaff(shop, member.username, strong)).status).toBe(200);
    const told = await auditOf(shop, member.id);
    expect(told.map(({ action }) => action)).toEqual(['staff.reset-password', 'session.open']);
    expect(JSON.stringify(told)).not.toMatch(/tea leaves|scrypt/);
  });

  it('who change their own password keep this session and lose the others', async () => {
    const member = await Staff.hire(shop, 'support');
    const elsewhere = await member.again();
    const wrong = await member.put('/me/password', { currentPassword: 'not it at all', newPassword: strong });
    expect([wrong.status, wrong.body['code']]).toEqual([422, 'admin.password_wrong']);
    const right = { currentPassword: staffPassword, newPassword: strong };
    expect((await member.put('/me/password', right)).status).toBe(204);
    expect((await member.get('/me')).status).toBe(200);
    expect((await elsewhere.get('/me')).status).toBe(401);
    expect((await logInStaff(shop, member.username, strong)).status).toBe(200);
  });

  it('whose password is reset while a thief in their session changes it get the one that was reset', async () => {
    const member = await Staff.hire(shop, 'support');
    const gate = await shop.database.connect();
    await gate.query('begin');
    await gate.query('select 1 from staff where id = $1 for update', [member.id]);
    const reset = owner.put(`/staff/${member.id}/password`, { password: strong });
    await until('the reset waits', async () => (await waitingForLocks(shop.database)) === 1);
    const stolen = { currentPassword: staffPassword, newPassword: 'the thief was here 7' };
    const change = member.put('/me/password', stolen);
    await until('the change waits', async () => (await waitingForLocks(shop.database)) === 2);
    await gate.query('commit');
    gate.release();
    expect([(await reset).status, (await change).status]).toEqual([204, 422]);
    expect((await member.get('/me')).status).toBe(401);
    expect((await logInStaff(shop, member.username, strong)).status).toBe(200);
  });

  it('cannot have their password guessed through a stolen session', async () => {
    const member = await Staff.hire(shop, 'support');
    const guess = (currentPassword: string) =>
      member.put('/me/password', { currentPassword, newPassword: strong });
    for (let i = 0; i < 5; i++) expect((await guess(`guess ${i}`)).status).toBe(422);
    const last = await guess(staffPassword);
    expect([last.status, last.body['code']]).toEqual([429, 'admin.login_throttled']);
  });

  it.each(['deactivate', 'password', 'role'])('nobody knows are 404 for %s', async what => {
    for (const id of [newId(), 'x', "' or 1=1"].map(encodeURIComponent)) {
      const answers = {
        deactivate: () => owner.post(`/staff/${id}/deactivate`),
        password: () => owner.put(`/staff/${id}/password`, { password: strong }),
        role: () => owner.patch(`/staff/${id}`, { role: 'support' }),
      };
      const answer = await answers[what as keyof typeof answers]();
      expect([answer.status, answer.body['code']]).toEqual([404, 'admin.staff_not_found']);
    }
  });
});

describe('the last owner', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp();
  });
  afterAll(() => shop.stop());

  async function onlyOwners(count: number): Promise<Staff[]> {
    await shop.database.query(`update staff set deactivated_at = now() where role = 'owner'`);
    return Promise.all(Array.from({ length: count }, () => Staff.hire(shop, 'owner')));
  }

  async function activeOwners(): Promise<number> {
    const { rowCount } = await shop.database.query(
      `select from staff where role = 'owner' and deactivated_at is null`,
    );
    return rowCount!;
  }

  it('can neither leave nor become less, not even by their own hand', async () => {
    const [owner] = await onlyOwners(1);
    await Staff.hire(shop, 'manager');
    for (const answer of [
      await owner!.post(`/staff/${owner!.id}/deactivate`),
      await owner!.patch(`/staff/${owner!.id}`, { role: 'manager' }),
    ]) {
      expect([answer.status, answer.body['code']]).toEqual([409, 'admin.last_owner']);
    }
    expect((await owner!.patch(`/staff/${owner!.id}`, { role: 'owner' })).status).toBe(200);
    expect(await activeOwners()).toBe(1);
  });

  it('stays when the only two dismiss each other at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const [one, two] = await onlyOwners(2);
      const gate = await shop.database.connect();
      await gate.query('begin');
      await gate.query('select 1 from staff where id in ($1, $2) for update', [one!.id, two!.id]);
      const both = Promise.all([
        one!.post(`/staff/${two!.id}/deactivate`),
        two!.patch(`/staff/${one!.id}`, { role: 'support' }),
      ]);
      await until('both have passed the guard', async () => (await waitingForLocks(shop.database)) === 2);
      await gate.query('commit');
      gate.release();
      const answers = await both;
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      expect(await activeOwners()).toBe(1);
    }
  });

  it('stays when five try to be the last one', async () => {
    const owners = await onlyOwners(5);
    await Promise.all(owners.map(owner => owner.post(`/staff/${owner.id}/deactivate`)));
    expect(await activeOwners()).toBe(1);
  });
});
