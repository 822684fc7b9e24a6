import { createSigner } from 'fast-jwt';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { newId } from '../../../kernel/id.js';
import { TokenInvalid } from '../identity.errors.js';
import { authConfig } from '../identity.fixture.js';
import { AccessTokenSigner } from './access-token.js';
import { VerifiedTokens } from './verified-tokens.js';

const key = 'T9mQ2xV7bN4cZ1kW8rY5uJ3hG6fD0sLpAa';
const caller = { userId: newId(), sessionId: newId() };
const config = authConfig({ AUTH_JWT_SECRET: key, AUTH_ACCESS_TOKEN_TTL: '15m' });
const signer = new AccessTokenSigner(config, new VerifiedTokens(config));
const good = { key, algorithm: 'HS256', iss: 'minnow', aud: 'minnow-shopper', expiresIn: 60_000 } as const;
const claims = { sub: caller.userId, sid: caller.sessionId };

const verify = (token: string) => signer.verify(`Bearer ${token}`);
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

afterEach(() => {
  vi.useRealTimers();
});

describe('access token', () => {
  it('says who it was signed for', () => {
    expect(verify(signer.sign(caller))).toEqual(caller);
  });

  it('expires on the second, without tolerance', () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
    const token = signer.sign(caller);
    vi.setSystemTime(1_800_000_000_000 + 15 * 60_000 - 1_000);
    expect(verify(token)).toEqual(caller);
    vi.setSystemTime(1_800_000_000_000 + 15 * 60_000 + 1);
    expect(() => verify(token)).toThrow(TokenInvalid);
  });

  it.each([
    ['another key', createSigner({ ...good, key: `${key}x` })(claims)],
    ['another algorithm of the same key', createSigner({ ...good, algorithm: 'HS512' })(claims)],
    ['another issuer', createSigner({ ...good, iss: 'somebody' })(claims)],
    ['another audience', createSigner({ ...good, aud: 'minnow-staff' })(claims)],
    ['no session', createSigner(good)({ sub: caller.userId })],
    ['a session of another type', createSigner(good)({ sub: caller.userId, sid: 7 })],
    ['a session that is no id', createSigner(good)({ sub: caller.userId, sid: "' or 1=1" })],
    ['no expiry', createSigner({ ...good, expiresIn: undefined })(claims)],
    ['no signature at all', `${base64({ alg: 'none', typ: 'JWT' })}.${base64({ ...claims, exp: 9e9 })}.`],
    ['nothing', ''],
    ['noise', 'a.b.c'],
    ['something beside it', `${createSigner(good)(claims)} x`],
  ])('refuses a token with %s', (_, token) => {
    expect(() => verify(token)).toThrow(TokenInvalid);
  });

  it('refuses a token whose payload was exchanged', () => {
    const [header, , signature] = signer.sign(caller).split('.');
    const forged = [header, base64({ ...claims, sub: newId(), exp: 9e9 }), signature].join('.');
    expect(() => verify(forged)).toThrow(TokenInvalid);
  });
});
