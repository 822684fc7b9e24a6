import { expect, it } from 'vitest';
import { seal } from './aead.ts';

it('seals exactly as the known vector, tag at the end', () => {
  const plain = '{"out_trade_no":"TEST0001","trade_state":"SUCCESS"}';
  const sealed = seal('0123456789abcdef0123456789abcdef', plain, 'transaction', 'abcdefghijkl');
  expect(sealed.ciphertext).toBe(
    'Eu6myr+6GaECeJdOZPZ6BX5l/kztsF9rL5wSvqYur44Jl9OITyCXgXBYw/VN0MKOzXfB5D8v4ViUFWklmJnM3CX+hA==',
  );
});

it('never uses a nonce twice', () => {
  const nonces = Array.from({ length: 100 }, () => seal('k'.repeat(32), 'x', '').nonce);
  expect(new Set(nonces).size).toBe(100);
});
