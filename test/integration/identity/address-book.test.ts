import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { homeAddress, Shopper } from '../../support/shopper.ts';

interface Address {
  readonly id: string;
  readonly isDefault: boolean;
}

interface Page {
  readonly items: readonly Address[];
  readonly nextCursor?: string;
}

describe('an address book', () => {
  let shop: TestApp;
  let shopper: Shopper;
  beforeAll(async () => {
    shop = await startApp();
  });
  afterAll(() => shop.stop());

  async function add(body: object = {}, who = shopper): Promise<Address> {
    return (await who.post<Address>('/addresses', { ...homeAddress, ...body })).body;
  }

  async function defaults(): Promise<string[]> {
    const { items } = (await shopper.get<Page>('/addresses')).body;
    return items.filter(item => item.isDefault).map(item => item.id);
  }

  it('keeps what wx.chooseAddress gave', async () => {
    shopper = await Shopper.login(shop);
    const sent = {
      ...homeAddress,
      telNumber: '020-81167888',
      countyName: '',
      postalCode: '510000',
      nationalCode: '510631',
    };
    const created = await shopper.post<Address>('/addresses', sent);
    expect(created.status).toBe(201);
    expect(created.headers.get('content-type')).toContain('application/json');
    expect(created.body).toEqual({ id: expect.any(String), ...sent, isDefault: true });
    expect((await shopper.get('/addresses')).body).toEqual({ items: [created.body] });
  });

  it('takes the result of wx.chooseAddress as it is, and drops what it does not keep', async () => {
    shopper = await Shopper.login(shop);
    const extras = { errMsg: 'chooseAddress:ok', streetName: '粤海街道', detailInfoNew: '科技园 1 号' };
    const created = await shopper.post<Address>('/addresses', { ...homeAddress, ...extras });
    expect(created.body).toEqual({ id: expect.any(String), ...homeAddress, isDefault: true });
    const changed = await shopper.send('PATCH', `/addresses/${created.body.id}`, {
      body: { ...homeAddress, ...extras, userName: '李四' },
    });
    expect(changed.body).toEqual({ ...created.body, userName: '李四' });
    const nothing = await shopper.send('PATCH', `/addresses/${created.body.id}`, { body: extras });
    expect(nothing.status).toBe(400);
  });

  it.each([
    ['（０２０）８１１６－７８８８', '(020)8116-7888'],
    ['+86 (20) 8116 7888', '+86 (20) 8116 7888'],
    ['8116-7888(12)', '8116-7888(12)'],
  ])('takes the phone %s as people write it', async (written, kept) => {
    shopper = await Shopper.login(shop);
    expect(await add({ telNumber: written })).toMatchObject({ telNumber: kept });
  });

  it.each(['()()()', '1(((((', '12-34', '⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴', '1'.repeat(21)])(
    'refuses %s as a phone',
    async telNumber => {
      shopper = await Shopper.login(shop);
      const answer = await shopper.post('/addresses', { ...homeAddress, telNumber });
      expect(answer.body).toMatchObject({ status: 400, errors: [{ path: 'telNumber' }] });
    },
  );

  it('tells people what is wrong, in their language and not in a pattern', async () => {
    shopper = await Shopper.login(shop);
    const told = async (language: string) => {
      const body = { ...homeAddress, telNumber: 'call me', userName: undefined, cityName: 7 };
      const headers = { 'accept-language': language };
      const answer = await shopper.post<{ errors: { path: string; message: string }[] }>('/addresses', body, {
        headers,
      });
      return answer.body.errors.map(({ path, message }) => [path, message]);
    };
    expect(await told('en')).toEqual([
      ['userName', 'Invalid input: expected string, received undefined'],
      ['telNumber', 'not a phone number'],
      ['cityName', 'Invalid input: expected string, received number'],
    ]);
    expect(await told('zh')).toEqual([
      ['userName', '无效输入：期望 string，实际接收 undefined'],
      ['telNumber', '不是电话号码'],
      ['cityName', '无效输入：期望 string，实际接收 数字'],
    ]);
  });

  it('leaves empty codes out', async () => {
    shopper = await Shopper.login(shop);
    const address = await add({ postalCode: '', nationalCode: '' });
    expect(address).not.toHaveProperty('postalCode');
    expect(address).not.toHaveProperty('nationalCode');
  });

  it('has one default: the first, then the last one chosen', async () => {
    shopper = await Shopper.login(shop);
    const first = await add({ isDefault: false });
    expect(await defaults()).toEqual([first.id]);
    const second = await add();
    expect(await defaults()).toEqual([first.id]);
    const third = await add({ isDefault: true });
    expect(await defaults()).toEqual([third.id]);
    const changed = await shopper.send<Address>('PATCH', `/addresses/${second.id}`, {
      body: { isDefault: true },
    });
    expect(changed.body).toMatchObject({ id: second.id, isDefault: true, ...homeAddress });
    expect(await defaults()).toEqual([second.id]);
  });

  it('passes the default on to the newest of the others when it is not wanted any more', async () => {
    shopper = await Shopper.login(shop);
    const resign = ({ id }: Address) =>
      shopper.send<Address>('PATCH', `/addresses/${id}`, { body: { isDefault: false } });
    const first = await add();
    expect((await resign(first)).body.isDefault).toBe(true);
    const [second, third] = [await add(), await add()];
    expect((await resign(first)).body.isDefault).toBe(false);
    expect(await defaults()).toEqual([third.id]);
    expect((await resign(third)).body.isDefault).toBe(false);
    expect(await defaults()).toEqual([second.id]);
    expect((await resign(first)).status).toBe(200);
    expect(await defaults()).toEqual([second.id]);
  });

  it('promotes the newest when the default is deleted', async () => {
    shopper = await Shopper.login(shop);
    const [first, , newest] = [await add(), await add(), await add()];
    const deleted = await shopper.send('DELETE', `/addresses/${first.id}`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect(await defaults()).toEqual([newest.id]);
    expect((await shopper.send('DELETE', `/addresses/${first.id}`)).status).toBe(404);
  });

  it('never has two defaults, however many are made at once', async () => {
    shopper = await Shopper.login(shop);
    await Promise.all(Array.from({ length: 8 }, () => add({ isDefault: true })));
    expect(await defaults()).toHaveLength(1);
  });

  it('holds fifty, also when more arrive at once', async () => {
    shopper = await Shopper.login(shop);
    await shop.database.query(
      `insert into addresses (id, user_id, user_name, tel_number, province_name, city_name, county_name, detail_info)
       select gen_random_uuid(), $1, '张三', '13800138000', '广东省', '深圳市', '', '科技园' from generate_series(1, 48)`,
      [shopper.userId],
    );
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => shopper.post('/addresses', homeAddress)),
    );
    const withStatus = (status: number) => answers.filter(answer => answer.status === status);
    expect([withStatus(201).length, withStatus(409).length]).toEqual([2, 3]);
    expect(withStatus(409)[0]?.body).toMatchObject({ code: 'identity.too_many_addresses', limit: 50 });
  });

  it('pages through everything once, newest first', async () => {
    shopper = await Shopper.login(shop);
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.unshift((await add()).id);
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await shopper.get<Page>(`/addresses?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map(item => item.id));
      cursor = body.nextCursor ?? '';
    } while (cursor);
    expect(seen).toEqual(made);
  });

  it('does not exist for anybody else', async () => {
    const owner = await Shopper.login(shop);
    shopper = await Shopper.login(shop);
    const { id } = await add({}, owner);
    for (const [method, body] of [
      ['PATCH', { userName: '李四' }],
      ['DELETE', undefined],
    ] as const) {
      const answer = await shopper.send(method, `/addresses/${id}`, { body });
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ code: 'identity.address_not_found' });
    }
    expect((await shopper.get('/addresses')).body).toEqual({ items: [] });
    expect((await owner.get<Page>('/addresses')).body.items).toMatchObject([{ id, userName: '张三' }]);
  });

  it.each(['nothing-here', '00000000-0000-7000-8000-000000000000', "'--"])(
    'answers 404 for id %s',
    async id => {
      shopper = await Shopper.login(shop);
      const answer = await shopper.send('DELETE', `/addresses/${id}`);
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ code: 'identity.address_not_found' });
    },
  );

  it('makes one address of a request sent twice, and refuses the key for another', async () => {
    shopper = await Shopper.login(shop);
    const [first, second] = await Promise.all([
      shopper.post('/addresses', homeAddress, { key: 'add-1' }),
      shopper.post('/addresses', homeAddress, { key: 'add-1' }),
    ]);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.text).toBe(second.text);
    const replays = [first, second].map(answer => answer.headers.get('idempotency-replayed'));
    expect(new Set(replays)).toEqual(new Set([null, 'true']));
    const other = await shopper.post('/addresses', { ...homeAddress, userName: '李四' }, { key: 'add-1' });
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency.key_reused']);
    expect((await shopper.get<Page>('/addresses')).body.items).toHaveLength(1);
  });

  it.each([
    ['a missing name', { userName: undefined }],
    ['a name of blanks', { userName: '  ' }],
    ['a NUL', { detailInfo: 'a\u0000' }],
    ['a phone of letters', { telNumber: 'call me' }],
    ['a default that is no boolean', { isDefault: 'yes' }],
    ['a field nobody knows', { userId: 'x' }],
    ['too much', { detailInfo: 'x'.repeat(201) }],
  ])('refuses %s', async (_, change) => {
    shopper = await Shopper.login(shop);
    const answer = await shopper.post('/addresses', { ...homeAddress, ...change });
    expect([answer.status, answer.body['code']]).toEqual([400, 'request.invalid']);
  });

  it.each([
    '?limit=0',
    '?limit=51',
    '?limit=x',
    '?limit=0x10',
    '?limit=1e1',
    '?limit=%2B5',
    '?limit=5.0',
    '?cursor=x',
    '?cursor=WzFd',
    '?offset=1',
  ])('refuses the list %s', async query => {
    shopper = await Shopper.login(shop);
    expect((await shopper.get(`/addresses${query}`)).status).toBe(400);
  });
});
