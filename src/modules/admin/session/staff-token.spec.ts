import { createSigner } from 'fast-jwt';
import { describe, expect, it } from 'vitest';
import { newId } from '../../../kernel/id.js';
import type { SigningKeys } from '../../identity/identity.contract.js';
import type { AdminConfig } from '../admin.config.js';
import { StaffTokenInvalid } from '../admin.errors.js';
import { StaffTokenSigner } from './staff-token.js';

const key = Buffer.from('T9mQ2xV7bN4cZ1kW8rY5uJ3hG6fD0sLp');
const keys = { derive: () => key } as SigningKeys;
const signer = new StaffTokenSigner(keys, { sessionTtl: 60_000 } as AdminConfig);
const claims = { staffId: newId(), sessionId: newId() };
const good = {
  key,
  algorithm: 'HS256',
  iss: 'minnow-admin',
  aud: 'minnow-staff',
  expiresIn: 60_000,
} as const;
const wire = { sub: claims.staffId, sid: claims.sessionId };

describe('staff token', () => {
  it('says which session it stands for', () => {
    expect(signer.verify(signer.sign(claims))).toEqual(claims);
    expect(signer.verify(createSigner(good)(wire))).toEqual(claims);
  });

  it.each([
    ['another key', createSigner({ ...good, key: Buffer.alloc(32, 7) })(wire)],
    ['the audience of shoppers', createSigner({ ...good, aud: 'minnow-shopper' })(wire)],
    ['the issuer of shoppers’ tokens', createSigner({ ...good, iss: 'minnow' })(wire)],
    ['an end in the past', createSigner({ ...good, clockTimestamp: Date.now() - 61_000 })(wire)],
    ['no end', createSigner({ ...good, expiresIn: undefined })(wire)],
    ['no session', createSigner(good)({ sub: claims.staffId })],
    ['a session that is no id', createSigner(good)({ sub: claims.staffId, sid: "' or 1=1" })],
    ['noise', 'a.b.c'],
  ])('is refused with %s', (_, token) => {
    expect(() => signer.verify(token)).toThrow(StaffTokenInvalid);
  });
});
