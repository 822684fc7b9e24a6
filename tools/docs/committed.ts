import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * Generated files are committed, so that reviewers see what changes. Writes the file, or with `--check` on the command
 * line compares it and sets exit code 1 with the command that regenerates it.
 */
export function writeOrCompare(file: string, content: string, command: string): void {
  const name = relative(process.cwd(), file);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, content);
    console.log(`wrote ${name}`);
    return;
  }
  if (existsSync(file) && readFileSync(file, 'utf8') === content) return;
  console.error(`${name} is not what the code says any more: run ${command} and commit the result`);
  process.exitCode = 1;
}
