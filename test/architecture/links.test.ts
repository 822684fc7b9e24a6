import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './commands.ts';

const documents = ['*.md', '{docs,src,test,tools,bench,config}/**/*.md'];
const link = /\]\(([^)\s]+)\)/g;
const scripts = new Set(
  Object.keys((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }).scripts),
);

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const files = globSync(documents, { cwd: root, exclude: path => path.includes('node_modules') });

/** Of what a document links to, that it should find beside it. */
function brokenLinks(file: string): string[] {
  const targets = [...read(file).matchAll(link)].map(([, target]) => target!.split('#')[0]!);
  const local = targets.filter(target => target !== '' && !/^[a-z]+:/.test(target));
  return local.filter(target => !existsSync(resolve(root, dirname(file), target)));
}

function unknownCommands(file: string): string[] {
  const commands = [...read(file).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!);
  return commands.filter(name => !scripts.has(name));
}

describe('the documents', () => {
  it('are found', () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'docs/decisions/0001-the-house.md']));
  });

  it.each(files)('link to what is there: %s', file => {
    expect(brokenLinks(file)).toEqual([]);
  });

  it.each(files)('name commands that are there: %s', file => {
    expect(unknownCommands(file)).toEqual([]);
  });
});
