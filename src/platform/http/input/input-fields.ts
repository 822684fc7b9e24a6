import { z } from 'zod';
import { bilingual } from '../problem/bilingual.js';

/**
 * Not in text that people type and others read: control characters (PostgreSQL refuses NUL), half a surrogate pair,
 * line breaks, and the bidirectional overrides that make a name read as another.
 */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;
/** Unicode calls the fillers of Hangul letters and the empty Braille pattern a symbol, but nobody sees them. */
const somethingToSee = /(?![\p{Default_Ignorable_Code_Point}\u2800])[\p{L}\p{N}\p{P}\p{S}]/u;
const message = bilingual('含有不可显示的字符', 'has characters that cannot be shown');

/** Trimmed, and something in it can be seen. */
export function visibleText(maxLength: number) {
  const text = z.string().trim().min(1, { abort: true }).max(maxLength);
  return text.refine(value => somethingToSee.test(value) && !unprintable.test(value), message);
}

/** Trimmed, may be empty. */
export function optionalText(maxLength: number) {
  const text = z.string().trim().max(maxLength);
  return text.refine(value => !unprintable.test(value), message);
}

/** A field that clients send along and nobody here needs: known, so not refused, and dropped. */
export function droppedText(maxLength: number) {
  return optionalText(maxLength)
    .transform(() => undefined)
    .optional();
}

/** As `optionalText`, over several lines. */
export function multilineText(maxLength: number) {
  const text = z.string().trim().max(maxLength);
  return text.refine(value => !unprintable.test(value.replace(/\r?\n/g, ' ')), message);
}

type Changes = z.ZodObject<z.ZodRawShape, z.core.$strict>;

/** A body that changes at least one thing. */
export function someChange<T extends Changes>(schema: T): T {
  const changes = schema.refine(value => Object.values(value).some(field => field !== undefined), {
    message: bilingual('至少修改一项', 'change at least one field'),
    when: ({ issues }) => issues.length === 0,
  });
  return changes.meta({ minProperties: 1 });
}
