import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

const generators = ['tools/docs/openapi.ts', 'tools/docs/errors.ts'];
/** `npx` finds the right Node here; whoever calls `nest` by its path may do so with an old one. */
const PATH = [resolve('node_modules/.bin'), process.env.PATH].join(delimiter);

/** Runs after the files of a feature are written, never in a dry run: the generators read the disk, not the tree. */
export function documents({ made }) {
  return (_, { logger }) => {
    const failed = generators.filter(generator => !rewrite(generator, logger));
    logger.info(failed.length === 0 ? `${made} works.` : `${made} is there, but not in the documents yet.`);
    for (const line of whatNext) logger.info(line);
  };
}

const whatNext = [
  'Make it yours: its fields, its rules, the comment in its module file.',
  'Next: npm run db:migrate   creates its table (npm start does so too)',
  '      npm run check        types, lint, imports, documents, unit tests',
  '      npm test             its tests over HTTP as well',
  '      npm run openapi      after each change of its routes',
  'Before it calls another module: its line in config/dependency-cruiser.cjs and docs/decisions/0001-the-house.md.',
];

/** False, and one warning, when it could not. */
function rewrite(generator, logger) {
  if (!existsSync(generator)) return true;
  const env = { ...process.env, PATH };
  const { error, status, stderr } = spawnSync('node', [generator], { encoding: 'utf8', env });
  if (status === 0) return true;
  logger.warn(`node ${generator} failed, run it again later:\n${error?.message ?? stderr.trim()}`);
  return false;
}
