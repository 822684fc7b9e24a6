import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const generators = ['tools/docs/openapi.ts', 'tools/docs/errors.ts'];

/** Runs after the files of a feature are written, never in a dry run: the generators read the disk, not the tree. */
export function documents({ made }) {
  return (_, { logger }) => {
    for (const generator of generators) rewrite(generator, logger);
    for (const line of nextSteps(made)) logger.info(line);
  };
}

function nextSteps(made) {
  return [
    `${made} works. Make it yours: its fields, its rules, the comment in its module file.`,
    'Next: npm run db:migrate   creates its table (npm start does so too)',
    '      npm run check        types, lint, imports, documents, unit tests',
    '      npm test             its tests over HTTP as well',
    '      npm run openapi      after each change of its routes',
    'Before it calls another module: its line in config/dependency-cruiser.cjs and docs/decisions/0001-the-house.md.',
  ];
}

function rewrite(generator, logger) {
  if (!existsSync(generator)) return;
  const { status, stderr } = spawnSync(process.execPath, [generator], { encoding: 'utf8' });
  if (status !== 0) logger.warn(`node ${generator} failed, run it again later:\n${stderr.trim()}`);
}
