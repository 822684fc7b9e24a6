import { z } from 'zod';
import { isId } from '../../kernel/id.js';
import { decodeCursor } from '../../kernel/page.js';

/** `limit` of every list; `cursor` differs by what the list is sorted by. */
export function pageLimit(defaultLimit = 20) {
  return z.coerce.number().int().min(1).max(50).default(defaultLimit);
}

/** `?limit=&cursor=` of a list that is sorted by id, newest first. */
export function pageQuery(defaultLimit = 20) {
  return {
    limit: pageLimit(defaultLimit),
    cursor: z
      .string()
      .max(200)
      .refine(cursor => idOf(cursor) !== null, 'not a cursor of this list')
      .optional(),
  };
}

/** The id after which a list by id goes on; null at its beginning. The cursor has passed `pageQuery`. */
export function lastIdOf(cursor: string | undefined): string | null {
  return cursor === undefined ? null : idOf(cursor);
}

function idOf(cursor: string): string | null {
  const [id] = decodeCursor(cursor, 1) ?? [];
  return typeof id === 'string' && isId(id) ? id : null;
}
