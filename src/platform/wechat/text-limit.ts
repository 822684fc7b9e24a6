/**
 * The beginning of a text, short enough for WeChat, which does not say what it counts: by UTF-16 units a text is never
 * shorter than by characters. No character is cut in two.
 */
export function cut(text: string, limit: number): string {
  return text.slice(0, limit).replace(/[\ud800-\udbff]$/, '');
}
