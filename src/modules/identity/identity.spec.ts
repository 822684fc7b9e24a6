import { describe, expect, it } from 'vitest';
import type { Idempotency, IdempotentRequest } from '../../platform/idempotency/idempotency.js';
import { AddressService } from './address-book/address.service.js';
import { BindPhone } from './profile/bind-phone.js';

describe('an idempotency key', () => {
  it('of one route is not that of another, even where their bodies are alike', async () => {
    const requests: IdempotentRequest[] = [];
    const keep = async (request: IdempotentRequest) => {
      requests.push(request);
      return { status: 200, body: '', replayed: false };
    };
    const idempotency = { find: async () => null, run: keep, execute: keep } as unknown as Idempotency;
    const [unused, body] = [{} as never, {} as never];
    await new AddressService(unused, unused, unused, idempotency).create('u', body, 'key');
    await new BindPhone(unused, unused, unused, idempotency).execute(
      { userId: 'u', sessionId: 's' },
      body,
      'key',
    );
    expect(requests.map(({ fingerprint }) => fingerprint)).toEqual([
      ['POST', '/addresses', body],
      ['POST', '/me/phone', body],
    ]);
  });
});
