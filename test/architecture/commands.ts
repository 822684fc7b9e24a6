import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export type Files = Readonly<Record<string, string>>;

/** A small tree of files that lives as long as `use` runs. */
export function withTree<T>(files: Files, use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'minnow-architecture-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** One finding of a checker: its rule, the file, and for import rules what the file imports. */
export interface Finding {
  readonly rule: string;
  readonly file: string;
  readonly to?: string;
}

/** dependency-cruiser with the rules of this repository on the tree below `directory`. */
export function cruise(directory: string, folders: readonly string[]): readonly Finding[] {
  const config = join(root, 'config/dependency-cruiser.cjs');
  const args = ['--config', config, '--output-type', 'json', ...folders];
  const { summary } = runJson('depcruise', args, directory) as {
    summary: { totalCruised: number; violations: { from: string; to: string; rule: { name: string } }[] };
  };
  if (summary.totalCruised === 0) throw new Error(`nothing to check below ${directory}`);
  return summary.violations.map(({ from, to, rule }) => ({ rule: rule.name, file: from, to }));
}

/** oxlint with the given rules; diagnostics are named as in the configuration, e.g. `typescript/no-explicit-any`. */
export function lint(directory: string, config: string, folders: readonly string[]): readonly Finding[] {
  const args = ['--config', config, '--type-aware', '--format', 'json', ...folders];
  const { diagnostics } = runJson('oxlint', args, directory) as {
    diagnostics: { code?: string; message: string; filename: string }[];
  };
  return diagnostics.map(({ code, message, filename }) => ({
    rule: ruleName(code ?? message),
    file: filename,
  }));
}

/** `typescript(no-explicit-any)` → `typescript/no-explicit-any`; the rules of ESLint itself have no prefix. */
function ruleName(code: string): string {
  return code.replace(/^(\S+)\((\S+)\)$/, '$1/$2').replace(/^eslint\//, '');
}

function runJson(script: string, args: readonly string[], cwd: string): unknown {
  const command = [join(root, 'node_modules/.bin', script), ...args];
  const { stdout, stderr } = spawnSync(process.execPath, command, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new Error(`${script} failed:\n${stdout}${stderr}`, { cause });
  }
}
