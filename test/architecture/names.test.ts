import { globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './commands.ts';

/** What a file does, said by its name; a use case is a verb and has no role. */
const roles = [
  'module contract controller schema service repository entity errors events jobs consumer config machine',
  'guard interceptor decorator filter server',
].flatMap(line => line.split(' '));

const word = '[a-z][a-z0-9]*(-[a-z0-9]+)*';
const fileName = new RegExp(`^${word}(\\.(${roles.join('|')}))?(\\.(spec|fixture))?\\.ts$`);
const migrationName = new RegExp(`^(\\d{14})-(${word})\\.ts$`);
const folderName = new RegExp(`^${word}$`);
/** Folders that sort files by what they are instead of what they are about. */
const byType =
  /^(controllers?|services?|repositor(y|ies)|entit(y|ies)|dtos?|schemas?|utils?|helpers?|common|shared|misc)$/;

const files = globSync('src/**/*.ts', { cwd: root });
const migrations = files.filter(file => file.includes('/migrations/'));
const names = (paths: readonly string[]): readonly string[] => paths.map(path => basename(path));

function isWellNamed(path: string): boolean {
  const name = basename(path);
  if (name === 'index.ts') return false;
  return (basename(dirname(path)) === 'migrations' ? migrationName : fileName).test(name);
}

function isWellPlaced(path: string): boolean {
  return dirname(path)
    .split('/')
    .every(folder => folderName.test(folder) && !byType.test(folder));
}

/** `20261122000500-create-orders.ts` holds `CreateOrders20261122000500`, and nothing else. */
function migrationProblem(path: string, text: string): string | null {
  const [, timestamp = '', what = ''] = migrationName.exec(basename(path)) ?? [];
  const expected = what.replace(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase()) + timestamp;
  const classes = [...text.matchAll(/export class (\w+)/g)].map(([, name]) => name);
  return classes.join() === expected ? null : `${path} holds ${classes.join()} instead of ${expected}`;
}

describe('file names', () => {
  it('are kebab-case and end in a known role', () => {
    expect(files.filter(file => !isWellNamed(file))).toEqual([]);
    const bad = [
      'Order.ts',
      'orderService.ts',
      'order.dto.ts',
      'index.ts',
      'order_line.ts',
      'migrations/create-orders.ts',
    ];
    expect(bad.filter(isWellNamed)).toEqual([]);
  });

  it('are grouped by what they are about, never by type', () => {
    expect(files.filter(file => !isWellPlaced(file))).toEqual([]);
    expect(
      ['src/modules/order/services/place.ts', 'src/platform/utils/text.ts'].filter(isWellPlaced),
    ).toEqual([]);
  });

  it('stay few enough in one module folder to be read at a glance', () => {
    const sources = files.filter(
      path => path.startsWith('src/modules/') && !/\.(spec|fixture)\.ts$/.test(path),
    );
    const folders = [...new Set(sources.map(dirname))].filter(folder => !folder.endsWith('/migrations'));
    const crowded = folders.filter(folder => sources.filter(path => dirname(path) === folder).length > 14);
    expect(crowded).toEqual([]);
  });

  it('tell of every module where its table of contents is', () => {
    const modules = readdirSync(join(root, 'src/modules'));
    expect(modules.filter(name => !files.includes(`src/modules/${name}/${name}.module.ts`))).toEqual([]);
  });
});

describe('migrations', () => {
  it('hold the class that their name promises', () => {
    const problems = migrations.map(path => migrationProblem(path, readFileSync(join(root, path), 'utf8')));
    expect(problems.filter(Boolean)).toEqual([]);
    expect(
      migrationProblem('20260101000000-create-orders.ts', 'export class CreateOrders20260101000001 {}'),
    ).not.toBeNull();
  });

  it('have one order, whoever wrote them', () => {
    const timestamps = names(migrations).map(name => name.slice(0, 14));
    expect(timestamps.filter((timestamp, index) => timestamps.indexOf(timestamp) !== index)).toEqual([]);
  });

  it('lie where the migration command looks for them', () => {
    const lost = migrations.filter(path => !/^src\/(platform|modules)\/[^/]+\/migrations\/[^/]+$/.test(path));
    expect(lost).toEqual([]);
  });
});
