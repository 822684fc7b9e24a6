import type { LocalizedText } from '../../../kernel/app-error.js';

/** Between the two languages: no sentence holds a line separator, and zod carries one string. */
const between = '\u2028';

/** The message about a field in both languages, for refinements; `toProblem` tells each client its own. */
export function bilingual(zh: string, en: string): string {
  return zh + between + en;
}

/** A message that was written in one language only is told to everybody. */
export function inLanguage(message: string, language: keyof LocalizedText): string {
  const [zh = '', en = zh] = message.split(between);
  return language === 'en' ? en : zh;
}
