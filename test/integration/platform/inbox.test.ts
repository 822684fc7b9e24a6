import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../src/kernel/id.ts';
import { Transactor } from '../../../src/platform/database/transactor.ts';
import { Inbox } from '../../../src/platform/events/inbox.ts';
import { startApp, type TestApp } from '../../support/app.ts';

describe('an effect that may happen once', () => {
  let shop: TestApp;
  let inbox: Inbox;
  /** Nothing but the inbox keeps the count from growing. */
  let counter: string;
  let eventId: string;
  beforeAll(async () => {
    shop = await startApp();
    inbox = shop.app.get(Inbox);
    await shop.database.query('create table effects (counter text primary key, count int not null)');
  });
  beforeEach(async () => {
    [counter, eventId] = [randomUUID(), newId()];
    await shop.database.query('insert into effects values ($1, 0)', [counter]);
  });
  afterAll(() => shop.stop());

  async function countOneMore(): Promise<void> {
    await shop.app
      .get(Transactor)
      .execute('update effects set count = count + 1 where counter = $1', [counter]);
  }

  async function counted(): Promise<number> {
    const sql = 'select count from effects where counter = $1';
    return (await shop.database.query<{ count: number }>(sql, [counter])).rows[0]!.count;
  }

  async function notes(): Promise<number> {
    return (await shop.database.query('select from inbox where event_id = $1', [eventId])).rowCount!;
  }

  it('is not repeated when its event is delivered again', async () => {
    await inbox.once('counting', eventId, countOneMore);
    await inbox.once('counting', eventId, countOneMore);
    expect([await counted(), await notes()]).toEqual([1, 1]);
  });

  it('is not repeated when its event is delivered ten times at once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => inbox.once('counting', eventId, countOneMore)));
    expect([await counted(), await notes()]).toEqual([1, 1]);
  });

  it('happens for each event, and for each of two consumers of one', async () => {
    await inbox.once('counting', eventId, countOneMore);
    await inbox.once('counting too', eventId, countOneMore);
    await inbox.once('counting', newId(), countOneMore);
    expect([await counted(), await notes()]).toEqual([3, 2]);
  });

  it('leaves no note when it fails, so that the next delivery tries again', async () => {
    const failing = inbox.once('counting', eventId, async () => {
      await countOneMore();
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    expect([await counted(), await notes()]).toEqual([0, 0]);
    await inbox.once('counting', eventId, countOneMore);
    expect([await counted(), await notes()]).toEqual([1, 1]);
  });
});
