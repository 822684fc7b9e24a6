import { isId } from './id.js';

/** One page of a keyset-paged list. `nextCursor` is absent on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/** What the client asked for: at most `limit` items after `cursor`. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

/** The sort key of the last row a client has seen. Opaque to clients, so its form may change. */
export type CursorKey = readonly (string | number)[];

export function encodeCursor(key: CursorKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Returns null for anything that is not a cursor of `length` parts: cursors come back from outside. */
export function decodeCursor(cursor: string, length: number): CursorKey | null {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(key) && key.length === length && key.every(isKeyPart) ? key : null;
  } catch {
    return null;
  }
}

function isKeyPart(part: unknown): part is string | number {
  return typeof part === 'string' || (typeof part === 'number' && Number.isFinite(part));
}

/** Cuts `limit + 1` fetched rows into a page: the extra row only proves that there is more. */
export function pageOf<T>(rows: readonly T[], limit: number, keyOf: (row: T) => CursorKey): Page<T> {
  if (rows.length <= limit) return { items: rows };
  const items = rows.slice(0, limit);
  return { items, nextCursor: encodeCursor(keyOf(items[limit - 1]!)) };
}

/** The id after which a list sorted by id goes on; null at its beginning, and for a cursor that is not of such a list. */
export function lastIdOf(cursor: string | undefined): string | null {
  const [id] = (cursor === undefined ? null : decodeCursor(cursor, 1)) ?? [];
  return typeof id === 'string' && isId(id) ? id : null;
}

/** As `lastIdOf`, of a list sorted by a whole number: where a log was left. */
export function lastPositionOf(cursor: string | undefined): number | null {
  const [position] = (cursor === undefined ? null : decodeCursor(cursor, 1)) ?? [];
  return Number.isSafeInteger(position) && (position as number) >= 0 ? (position as number) : null;
}
