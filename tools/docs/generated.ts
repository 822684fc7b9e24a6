/** Parts of documents that are made from code: written in place, or compared with what is committed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** What stands between `<!-- generated:<name> -->` and `<!-- /generated -->` of one file. */
export interface Part {
  readonly file: string;
  readonly name: string;
  readonly lines: readonly string[];
}

/** Writes every part; with `--check` writes nothing and exits 1 naming the files that differ and `command`. */
export function writeOrCheck(parts: readonly Part[], command: string): void {
  const changed = parts.filter(part => replace(part, !process.argv.includes('--check')));
  if (changed.length === 0) return;
  const names = changed.map(({ file, name }) => `${file} (${name})`).join(', ');
  if (!process.argv.includes('--check')) return console.log(`Wrote ${names}`);
  console.error(`Out of date: ${names}. Run: ${command}`);
  process.exitCode = 1;
}

/** Whether the file says something else than the code. @throws Error when it has no such markers. */
function replace({ file, name, lines }: Part, write: boolean): boolean {
  const path = join(root, file);
  const before = readFileSync(path, 'utf8');
  const open = `<!-- generated:${name} -->\n`;
  const start = before.indexOf(open);
  const end = before.indexOf('<!-- /generated -->', start);
  if (start < 0 || end < 0) throw new Error(`${file} has no place marked generated:${name}`);
  const after = `${before.slice(0, start)}${open}\n${lines.join('\n')}\n\n${before.slice(end)}`;
  if (write && after !== before) writeFileSync(path, after);
  return after !== before;
}

/** A Markdown table; `|` inside a cell is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
