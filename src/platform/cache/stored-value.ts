import { crc32 } from 'node:zlib';

/** A value as Redis holds it. */
export interface StoredValue {
  /** Null: there is no such thing. */
  readonly body: string | null;
  /** The marks of its tags, as they were before it was read. */
  readonly marks: readonly string[];
  /** From its reading until nobody has any use for it; what Redis has left of that tells its age. */
  readonly lifeMs: number;
}

const format = '1';

/** One line about the value, then the value: read back only if every byte is as it was. */
export function pack({ body, marks, lifeMs }: StoredValue): string {
  const rest = `${lifeMs} ${marks.join(',')} ${body === null ? '-' : '+'}\n${body ?? ''}`;
  return `${format} ${crc32(rest).toString(16)} ${rest}`;
}

const packed = /^1 ([0-9a-f]{1,8}) ((\d{1,10}) ([\w,-]*) ([+-])\n([^]*))$/;

/** Null for anything that `pack` has not made, or that has changed since. */
export function unpack(text: string): StoredValue | null {
  const [, checksum, rest, life, marks, sign, body] = packed.exec(text) ?? [];
  if (rest === undefined || crc32(rest).toString(16) !== checksum) return null;
  return {
    body: sign === '-' ? null : body!,
    marks: marks === '' ? [] : marks!.split(','),
    lifeMs: Number(life),
  };
}
