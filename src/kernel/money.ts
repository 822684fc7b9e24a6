/** Money is an integer of fen (1/100 yuan). No floats, no other currency. */
export type Fen = number;

/** 20 million yuan: more than one order is ever worth, and below a 32-bit integer of fen. */
export const maxFen: Fen = 20_000_000_00;

export function sumFen(amounts: Iterable<Fen>): Fen {
  let total = 0;
  for (const amount of amounts) total += amount;
  if (!Number.isSafeInteger(total)) throw new RangeError(`not a whole number of fen: ${total}`);
  return total;
}
