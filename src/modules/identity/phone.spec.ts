import { describe, expect, it } from 'vitest';
import { maskPhone, phoneText } from './phone.js';

describe('phone', () => {
  it.each([
    ['86', '13800138000', '+86 13800138000'],
    ['+86', '138 0013 8000', '+86 13800138000'],
    ['852', '61234567', '+852 61234567'],
  ])(
    'writes %s %s in one way, so that one number cannot be bound twice',
    (countryCode, purePhoneNumber, text) => {
      expect(phoneText({ countryCode, purePhoneNumber })).toBe(text);
    },
  );

  it.each([
    ['+86 13800138000', '138****8000'],
    ['+852 61234567', '****4567'],
    ['+1 2025550123', '20****0123'],
    ['+290 1234', '****34'],
  ])('shows of %s no more than %s', (phone, masked) => {
    expect(maskPhone(phone)).toBe(masked);
  });
});
