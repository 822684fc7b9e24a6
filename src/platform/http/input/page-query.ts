import { z } from 'zod';
import { lastIdOf, lastPositionOf } from '../../../kernel/page.js';
import { bilingual } from '../problem/bilingual.js';

/** For cursors of any sort. */
export const notACursor = bilingual('不是本列表的游标', 'not a cursor of this list');

const notWhole = bilingual('须为整数', 'must be a whole number');

/** `limit` of every list, in decimal digits; `cursor` differs by what the list is sorted by. */
export function pageLimit(defaultLimit = 20) {
  return z.preprocess(wholeNumber, z.int(notWhole).min(1).max(50).default(defaultLimit));
}

/** `Number` alone also reads `0x10`, `1e1`, `+5` and blanks. */
function wholeNumber(text: unknown): unknown {
  return typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : text;
}

/** `?limit=&cursor=` of a list that is sorted by id, newest first. */
export function pageQuery(defaultLimit = 20) {
  return { limit: pageLimit(defaultLimit), cursor: cursorField(lastIdOf) };
}

/** The same of a log whose lines are counted. */
export function logQuery(defaultLimit = 20) {
  return { limit: pageLimit(defaultLimit), cursor: cursorField(lastPositionOf) };
}

function cursorField(read: (cursor: string) => unknown) {
  const cursor = z.string().max(200);
  return cursor.refine(text => read(text) !== null, notACursor).optional();
}
