import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods, stockOf } from '../../support/goods.ts';
import { call, type Answer } from '../../support/http.ts';
import { Shopper } from '../../support/shopper.ts';
import { startSibling, type Sibling } from '../../support/sibling.ts';
import { until } from '../../support/until.ts';

const run = promisify(execFile);
const hasPrlimit = await run('prlimit', ['--version']).then(
  () => true,
  () => false,
);

describe('a shop that runs out of something', () => {
  let ground: TestApp;
  beforeAll(async () => {
    ground = await startApp({ QUEUE_CONSUME: 'false' });
  });
  afterAll(() => ground.stop());

  describe('of room on the disk of PostgreSQL', () => {
    /** As PostgreSQL says it when it cannot extend a file (SQLSTATE 53100). */
    const fill = `
      create function disk_is_full() returns trigger language plpgsql as
        $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
      create trigger disk_is_full before insert on order_items execute function disk_is_full()`;
    const clear =
      'drop trigger if exists disk_is_full on order_items; drop function if exists disk_is_full()';
    afterEach(() => ground.database.query(clear));

    it('refuses to write in time, keeps nothing half, goes on reading, and takes the same order when there is room', async () => {
      const { skuId } = await stockGoods(ground.database, { onHand: 5 });
      const shopper = await Shopper.login(ground);
      const body = { items: [{ skuId, quantity: 1 }], addressId: await shopper.addAddress() };
      const order = (): Promise<Answer> => shopper.post('/orders', body, { key: 'no-room-for-this' });
      await ground.database.query(fill);

      const refused = await order();
      expect([refused.status, refused.body['code']]).toEqual([503, 'database.unavailable']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await stockOf(ground.database, skuId)).toMatchObject({ onHand: 5, reserved: 0 });
      expect((await shopper.get<{ items: unknown[] }>('/orders')).body.items).toEqual([]);
      expect((await call('GET', `${ground.url}/api/v1/products?limit=1`)).status).toBe(200);

      await ground.database.query(clear);
      expect((await order()).status).toBe(201);
      expect(await stockOf(ground.database, skuId)).toMatchObject({ reserved: 1 });
    });
  });

  describe.skipIf(!hasPrlimit)('of file descriptors', () => {
    let shop: Sibling;
    const sockets: Socket[] = [];
    afterAll(async () => {
      for (const socket of sockets) socket.destroy();
      await shop.stop();
    });

    it('lives through it, and serves again when they are free', async () => {
      shop = await startSibling(ground);
      const { skuId } = await stockGoods(ground.database);
      const shopper = await Shopper.login({ url: shop.url, sandboxUrl: ground.sandboxUrl });
      await shopper.order(skuId);

      const spare = 10;
      const limit = readdirSync(`/proc/${shop.pid}/fd`).length + spare;
      await run('prlimit', ['--pid', `${shop.pid}`, `--nofile=${limit}:`]);
      await Promise.all(Array.from({ length: spare * 4 }, occupy));
      await until('no descriptor is left', () => readdirSync(`/proc/${shop.pid}/fd`).length >= limit);
      for (const socket of sockets.splice(0)) socket.destroy();

      await until(
        'it serves again',
        async () => (await call('GET', `${shop.url}/readyz`).catch(() => null))?.status === 200,
      );
      expect((await shopper.order(skuId)).status).toBe('awaiting_payment');
      expect(shop.hasExited()).toBe(false);
    });

    /** Taken and kept, or refused. */
    async function occupy(): Promise<void> {
      const socket = connect(Number(new URL(shop.url).port), '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
    }
  });
});
