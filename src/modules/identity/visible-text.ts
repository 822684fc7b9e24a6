import { z } from 'zod';

/**
 * Text that people type and others read: trimmed, without control characters (PostgreSQL refuses NUL), line breaks and
 * the bidirectional overrides that make a name read as another; at least one character that can be seen.
 */
const visible = /^(?=.*[\p{L}\p{N}\p{P}\p{S}])[^\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]*$/u;
/** The same, and empty is fine. */
const visibleOrEmpty = /^[^\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]*$/u;

export function visibleText(maxLength: number) {
  return z.string().trim().min(1).max(maxLength).regex(visible);
}

export function optionalText(maxLength: number) {
  return z.string().trim().max(maxLength).regex(visibleOrEmpty);
}
