import { describe, expect, it } from 'vitest';
import { AddressSubjects } from './address-subjects.js';

describe('whom a request is counted for', () => {
  it.each([
    ['an address that is exempt', '10.1.2.3', null],
    ['one in an exempt network of IPv6', 'fc00::7', null],
    ['an exempt address, as IPv6 writes it', '::ffff:10.1.2.3', null],
    ['any other address', '203.0.113.7', '203.0.113.7'],
    ['one of somebody who has a /64 of them', '2001:db8:1:2::6', '2001:db8:1:2'],
    ['what is no address', 'unknown-to-the-proxy', 'unknown'],
  ])('is the same every time: %s', (_, ip, subject) => {
    const subjects = new AddressSubjects(['10.0.0.0/8', 'fc00::/7']);
    expect(subjects.of(ip)).toBe(subject);
    expect(subjects.of(ip)).toBe(subject);
  });

  it('is still known after more addresses than are remembered', () => {
    const subjects = new AddressSubjects(['10.0.0.0/8']);
    const all = Array.from({ length: 6_000 }, (_, index) => `${index >> 8}.0.0.${index & 255}`);
    for (let turn = 0; turn < 2; turn++) {
      for (const ip of all) expect(subjects.of(ip)).toBe(ip.startsWith('10.') ? null : ip);
    }
  });
});
