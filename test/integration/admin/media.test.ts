import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { stockGoods } from '../../support/goods.ts';
import { call, type Answer } from '../../support/http.ts';
import { flawOf } from '../../support/problems.ts';
import { Staff } from '../../support/staff.ts';

interface Media {
  readonly path: string;
  readonly url: string;
}

const png = (): Buffer => Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(500)]);

describe('a picture that staff upload', () => {
  let root: string;
  let shop: TestApp;
  let manager: Staff;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'minnow-media-'));
    shop = await startApp({ MEDIA_ROOT: root });
    manager = await Staff.hire(shop, 'manager');
  });
  afterAll(async () => {
    await shop.stop();
    rmSync(root, { recursive: true });
  });

  const upload = (body: Buffer, type = 'image/png', by = manager): Promise<Answer<Media>> =>
    by.post<Media>('/media', body, { headers: { 'content-type': type } });

  const files = (): string[] =>
    readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name => name.includes('.'));

  it('is shown to shoppers byte by byte, for what it is and nothing else', async () => {
    const picture = png();
    const { status, body } = await upload(picture);
    expect(status).toBe(201);
    expect(body.path).toMatch(/^\/media\/uploads\/[0-9a-f]{2}\/[0-9a-f]{64}\.png$/);
    const shown = await fetch(body.url);
    expect(Buffer.from(await shown.arrayBuffer()).equals(picture)).toBe(true);
    expect(shown.headers.get('content-type')).toBe('image/png');
    expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
    expect(shown.headers.get('content-security-policy')).toContain('sandbox');
    const { productId } = await stockGoods(shop.database);
    expect((await manager.patch(`/products/${productId}`, { imagePaths: [body.path] })).status).toBe(200);
  });

  it('is one file however often and at once it is sent', async () => {
    const [picture, before] = [png(), files().length];
    const answers = await Promise.all(Array.from({ length: 10 }, () => upload(picture)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.path}`)).size).toBe(1);
    expect(files()).toHaveLength(before + 1);
  });

  it('is what its bytes are, whatever it is called', async () => {
    const { body } = await upload(Buffer.from('ffd8ffe000104a464946', 'hex'), 'image/png');
    expect(body.path).toMatch(/\.jpg$/);
  });

  it.each([
    ['a page', Buffer.from('<html><script>alert(1)</script></html>')],
    ['a drawing with scripts', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    ['nothing', Buffer.alloc(0)],
  ])('is refused when it is %s that calls itself a picture', async (_, bytes) => {
    const before = files();
    const answer = await upload(bytes);
    expect([answer.status, flawOf(answer)]).toEqual([415, undefined]);
    expect(files()).toEqual(before);
  });

  it('is refused when it is larger than a body may be', async () => {
    const answer = await upload(Buffer.concat([png(), Buffer.alloc(1_048_576)]));
    expect([answer.status, flawOf(answer)]).toEqual([413, undefined]);
  });

  it('is refused without a right to the goods, and from nobody', async () => {
    const before = files();
    expect((await upload(png(), 'image/png', await Staff.hire(shop, 'warehouse'))).status).toBe(403);
    const headers = { 'content-type': 'image/png' };
    expect((await call('POST', `${shop.url}/api/v1/admin/media`, { body: png(), headers })).status).toBe(401);
    expect(files()).toEqual(before);
  });

  it('is no body for any other route', async () => {
    for (const path of ['/categories', '/staff', '/products'])
      expect((await manager.post(path, png(), { headers: { 'content-type': 'image/png' } })).status).toBe(
        415,
      );
    const answer = await manager.post('/media', { path: '/etc/passwd' });
    expect(answer.status).toBe(415);
  });

  it('is not lost in silence on a disk that does not take it', async () => {
    const picture = png();
    const folder = join(root, 'uploads', createHash('sha256').update(picture).digest('hex').slice(0, 2));
    rmSync(folder, { recursive: true, force: true });
    writeFileSync(folder, 'a file where the folder should be');
    const owner = await Staff.hire(shop, 'owner');
    const answer = await upload(picture, 'image/png', owner);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await owner.get<{ items: unknown[] }>(`/audit?staffId=${owner.id}`)).body.items).toEqual([]);
    rmSync(folder);
  });
});

describe('a shop that keeps no pictures', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp();
  });
  afterAll(() => shop.stop());

  it('says so, and takes none', async () => {
    const owner = await Staff.hire(shop, 'owner');
    const answer = await owner.post('/media', png(), { headers: { 'content-type': 'image/png' } });
    expect([answer.status, answer.body['code']]).toEqual([404, 'admin.media_not_configured']);
  });
});
