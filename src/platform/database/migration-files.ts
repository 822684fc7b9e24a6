import { glob } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MigrationInterface } from 'typeorm';

export type MigrationClass = new () => MigrationInterface;

const sourceRoot = join(import.meta.dirname, '../..');

/**
 * Every module's migrations, next to their owner, as paths below the source root. The root itself is no part of the
 * pattern: somebody may keep the shop in a folder whose name holds brackets.
 */
const pattern = '{platform,modules}/*/migrations/*.{js,ts}';

/** @throws Error when there are none: an empty list would make any database look up to date. */
async function migrationFiles(): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: sourceRoot })) files.push(file);
  if (files.length === 0) throw new Error(`there are no migrations below ${sourceRoot}`);
  return files;
}

/** `<timestamp>-<kebab-name>`; TypeORM records the class, `<PascalName><timestamp>`. */
export async function migrationNames(): Promise<ReadonlySet<string>> {
  return new Set((await migrationFiles()).map(file => className(basename(file).replace(/\.(js|ts)$/, ''))));
}

export async function migrationClasses(): Promise<MigrationClass[]> {
  const files = (await migrationFiles()).map(file => pathToFileURL(join(sourceRoot, file)).href);
  const modules = await Promise.all(
    files.map(file => import(file) as Promise<Record<string, MigrationClass>>),
  );
  return modules.flatMap(exported => Object.values(exported));
}

function className(file: string): string {
  const [timestamp = '', ...words] = file.split('-');
  return words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('') + timestamp;
}
