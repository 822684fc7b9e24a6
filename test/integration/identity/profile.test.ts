import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { call } from '../../support/http.ts';
import { Shopper } from '../../support/shopper.ts';

const newPhone = (): string => `139${randomInt(10_000_000, 99_999_999)}`;
const masked = (phone: string): string => `${phone.slice(0, 3)}****${phone.slice(-4)}`;

describe('a profile', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startApp();
  });
  afterAll(() => shop.stop());

  async function phoneCode(openid: string, phone: string): Promise<string> {
    const url = `${shop.sandboxUrl}/__sandbox/phone-codes`;
    return (await call<{ code: string }>('POST', url, { body: { openid, phone } })).body.code;
  }

  it('changes only what was sent', async () => {
    const shopper = await Shopper.login(shop);
    const named = await shopper.send('PATCH', '/me', { body: { nickname: ' 小鱼 🐟 ' } });
    expect(named.status).toBe(200);
    const pictured = await shopper.send('PATCH', '/me', {
      body: { avatarUrl: 'https://cdn.example.com/头像.png' },
    });
    expect(pictured.body).toMatchObject({
      nickname: '小鱼 🐟',
      avatarUrl: 'https://cdn.example.com/%E5%A4%B4%E5%83%8F.png',
    });
    expect((await shopper.get('/me')).text).toBe(pictured.text);
    const again = await Shopper.login(shop, shopper.openid);
    expect((await again.get('/me')).body).toMatchObject({ nickname: '小鱼 🐟' });
  });

  it.each([
    ['nothing', {}],
    ['an empty name', { nickname: ' ' }],
    ['a name with NUL', { nickname: 'a\u0000b' }],
    ['a name without end', { nickname: 'x'.repeat(33) }],
    ['a null', { nickname: null }],
    ['a picture over http', { avatarUrl: 'http://example.com/a.png' }],
    ['a picture that is a script', { avatarUrl: 'javascript:alert(1)' }],
    ['a picture without end', { avatarUrl: `https://example.com/${'x'.repeat(512)}` }],
    ['somebody else’s id', { id: 'x', nickname: 'a' }],
    ['a phone that WeChat has not confirmed', { phone: '13800138000' }],
  ])('refuses %s', async (_, body) => {
    const shopper = await Shopper.login(shop);
    const answer = await shopper.send('PATCH', '/me', { body });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'request.invalid', errors: [expect.anything()] });
  });

  it('shows a bound phone only masked', async () => {
    const shopper = await Shopper.login(shop);
    const phone = newPhone();
    const bound = await shopper.post('/me/phone', { code: await phoneCode(shopper.openid, phone) });
    expect(bound.status).toBe(200);
    expect(bound.text).toBe(JSON.stringify({ phoneMasked: masked(phone) }));
    expect((await shopper.get('/me')).body).toMatchObject({ phoneMasked: masked(phone) });
  });

  it('keeps session key and phone out of reach of whoever reads the database', async () => {
    const shopper = await Shopper.login(shop);
    const phone = newPhone();
    await shopper.post('/me/phone', { code: await phoneCode(shopper.openid, phone) });
    const sql = 'select *, u::text as whole from users u where id = $1';
    const [row] = (await shop.database.query(sql, [shopper.userId])).rows;
    expect(row.whole).not.toContain(phone);
    expect(row.whole).not.toContain(Buffer.from(phone).toString('hex'));
    expect(row.phone_sealed.length).toBe(12 + `+86 ${phone}`.length + 16);
    expect(row.phone_index.length).toBe(32);
    // A session key is 24 characters of base64; sealed it is nonce, ciphertext and tag.
    expect(row.session_key_sealed.length).toBe(12 + 24 + 16);
  });

  it('does not give one phone to two shoppers', async () => {
    const [first, second] = [await Shopper.login(shop), await Shopper.login(shop)];
    const phone = newPhone();
    await first.post('/me/phone', { code: await phoneCode(first.openid, phone) });
    const taken = await second.post('/me/phone', { code: await phoneCode(second.openid, phone) });
    expect(taken.status).toBe(409);
    expect(taken.body).toMatchObject({ code: 'identity.phone_taken' });
    expect((await second.get('/me')).body).not.toHaveProperty('phoneMasked');
    const rebound = await first.post('/me/phone', { code: await phoneCode(first.openid, phone) });
    expect(rebound.status).toBe(200);
  });

  it('refuses a phone code of somebody else', async () => {
    const [owner, thief] = [await Shopper.login(shop), await Shopper.login(shop)];
    const code = await phoneCode(owner.openid, newPhone());
    const stolen = await thief.post('/me/phone', { code });
    expect(stolen.status).toBe(422);
    expect(stolen.body).toMatchObject({ code: 'wechat.phone_code_refused' });
    expect((await owner.post('/me/phone', { code })).status).toBe(200);
  });

  it('answers a repeated binding from the first, though the code is spent', async () => {
    const shopper = await Shopper.login(shop);
    const body = { code: await phoneCode(shopper.openid, newPhone()) };
    const first = await shopper.post('/me/phone', body, { key: 'bind-1' });
    const second = await shopper.post('/me/phone', body, { key: 'bind-1' });
    expect([second.status, second.text]).toEqual([200, first.text]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect((await shopper.post('/me/phone', body)).status).toBe(422);
  });

  it('refuses a repeated binding as it refused the first, though the code is spent', async () => {
    const [owner, other] = [await Shopper.login(shop), await Shopper.login(shop)];
    const phone = newPhone();
    await owner.post('/me/phone', { code: await phoneCode(owner.openid, phone) });
    const body = { code: await phoneCode(other.openid, phone) };
    for (const language of ['zh', 'en']) {
      const headers = { 'accept-language': language };
      const refused = await other.post('/me/phone', body, { key: 'bind-1', headers });
      expect(refused.body).toMatchObject({ status: 409, code: 'identity.phone_taken' });
      expect(refused.body['traceId']).toBe(refused.headers.get('x-trace-id'));
    }
    const again = await other.post('/me/phone', { code: await phoneCode(other.openid, newPhone()) });
    expect(again.status).toBe(200);
  });

  describe('in a session of yesterday', () => {
    async function shopperOfYesterday(): Promise<Shopper> {
      const shopper = await Shopper.login(shop);
      const sql = `update sessions set created_at = now() - interval '1 day' where user_id = $1`;
      await shop.database.query(sql, [shopper.userId]);
      return shopper;
    }

    const bind = async (shopper: Shopper, phone: string, key?: string) =>
      shopper.post('/me/phone', { code: await phoneCode(shopper.openid, phone) }, { key });

    it('takes a first phone, and the same again', async () => {
      const [shopper, phone] = [await shopperOfYesterday(), newPhone()];
      expect((await bind(shopper, phone)).status).toBe(200);
      expect((await bind(shopper, phone)).status).toBe(200);
    });

    it('lets no stolen token replace the phone', async () => {
      const [shopper, phone] = [await shopperOfYesterday(), newPhone()];
      await bind(shopper, phone);
      const body = { code: await phoneCode(shopper.openid, newPhone()) };
      for (const what of ['first', 'retry']) {
        const refused = await shopper.post('/me/phone', body, { key: 'rebind' });
        expect([what, refused.body]).toMatchObject([
          what,
          { status: 403, code: 'identity.fresh_login_required' },
        ]);
      }
      expect((await shopper.get('/me')).body).toMatchObject({ phoneMasked: masked(phone) });
    });

    it('is replaced by a new login, which may replace the phone', async () => {
      const [shopper, phone] = [await shopperOfYesterday(), newPhone()];
      await bind(shopper, newPhone());
      expect((await bind(await Shopper.login(shop, shopper.openid), phone)).status).toBe(200);
      expect((await shopper.get('/me')).body).toMatchObject({ phoneMasked: masked(phone) });
    });
  });

  it('gives twins of one binding one answer, though only one of them could spend the code', async () => {
    const shopper = await Shopper.login(shop);
    for (let round = 0; round < 5; round++) {
      const body = { code: await phoneCode(shopper.openid, newPhone()) };
      const bind = () => shopper.post('/me/phone', body, { key: `twins-${round}` });
      const answers = await Promise.all([bind(), bind(), bind()]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    }
  });
});
