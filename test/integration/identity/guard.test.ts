import { randomUUID } from 'node:crypto';
import { createSigner } from 'fast-jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { call } from '../../support/http.ts';
import { Shopper } from '../../support/shopper.ts';

describe('the guard', () => {
  let shop: TestApp;
  let shopper: Shopper;
  beforeAll(async () => {
    shop = await startApp();
    shopper = await Shopper.login(shop);
  });
  afterAll(() => shop.stop());

  function sign(overrides: { key?: string; at?: number; sid?: string }): string {
    const { key = shop.env['AUTH_JWT_SECRET']!, at = Date.now(), sid = randomUUID() } = overrides;
    const signer = createSigner({
      key,
      iss: 'minnow',
      aud: 'minnow-shopper',
      expiresIn: 60_000,
      clockTimestamp: at,
    });
    return signer({ sub: shopper.userId, sid });
  }

  const sessionOf = (token: string): string =>
    (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sid: string }).sid;

  const headersOf: Record<string, () => string> = {
    'another scheme': () => 'Basic dXNlcjpwYXNz',
    'no scheme': () => shopper.token,
    'an empty token': () => 'Bearer ',
    'a token that is none': () => 'Bearer not-a-token',
    'a token signed by somebody else': () =>
      `Bearer ${sign({ key: 'x'.repeat(40), sid: sessionOf(shopper.token) })}`,
    'an expired token': () => `Bearer ${sign({ at: Date.now() - 61_000, sid: sessionOf(shopper.token) })}`,
    'a token of a session that never was': () => `Bearer ${sign({})}`,
    'a token whose session is no id': () => `Bearer ${sign({ sid: "' or 1=1" })}`,
    'a refresh token': () => `Bearer ${shopper.refreshToken}`,
  };

  it.each(Object.keys(headersOf))('refuses %s on a protected and on a public route', async name => {
    for (const path of ['/api/v1/me', '/api/v1/categories']) {
      const answer = await call('GET', shop.url + path, { headers: { authorization: headersOf[name]!() } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body).toMatchObject({ code: 'auth.token_invalid' });
    }
  });

  it.each(Object.keys(headersOf))('lets a balancer that sends %s probe all the same', async name => {
    for (const path of ['/livez', '/readyz', '/startupz', '/ping']) {
      const headers = { authorization: headersOf[name]!() };
      expect((await call('GET', shop.url + path, { headers })).status).toBe(200);
      expect((await call('HEAD', shop.url + path, { headers })).status).toBe(200);
    }
  });

  it('asks for a login where there is no token, before it looks at the input', async () => {
    const answer = await call('POST', `${shop.url}/api/v1/addresses`, { body: { nonsense: true } });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ code: 'auth.required' });
  });

  it('lets anybody into a public route, and a shopper with a good token too', async () => {
    const path = `${shop.url}/api/v1/categories`;
    expect((await call('GET', path)).status).toBe(200);
    expect((await call('GET', path, { token: shopper.token })).status).toBe(200);
  });

  it('believes a signed token about who the shopper is', async () => {
    const signed = sign({ sid: sessionOf(shopper.token) });
    expect((await call('GET', `${shop.url}/api/v1/me`, { token: signed })).body).toMatchObject({
      id: shopper.userId,
    });
  });
});
