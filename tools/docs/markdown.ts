/** Tables made from code, inside documents written by people. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { writeOrCompare } from './committed.ts';

export const root = resolve(import.meta.dirname, '../..');

/** What stands between `<!-- generated:<name> -->` and `<!-- /generated -->`. @throws Error without these markers. */
export function fillIn(file: string, name: string, lines: readonly string[], command: string): void {
  const path = resolve(root, file);
  const before = readFileSync(path, 'utf8');
  const open = `<!-- generated:${name} -->\n`;
  const start = before.indexOf(open);
  const end = before.indexOf('<!-- /generated -->', start);
  if (start < 0 || end < 0) throw new Error(`${file} has no place marked generated:${name}`);
  const content = `${before.slice(0, start)}${open}\n${lines.join('\n')}\n\n${before.slice(end)}`;
  writeOrCompare(path, content, command);
}

/** `|` inside a cell is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
