import { join } from 'node:path';
import {
  apply,
  applyTemplates,
  chain,
  mergeWith,
  SchematicsException,
  url,
} from '@angular-devkit/schematics';
import { RunSchematicTask } from '@angular-devkit/schematics/tasks/index.js';
import { format } from 'prettier';
import { registerModule } from './app-module.js';
import { featureName } from './feature-name.js';
import { nextTimestamp, whyTaken } from './house.js';

const appModule = 'src/app.module.ts';
/** A collection of its own, because `nest g --help` lists all that is in the first one. */
const internal = join(import.meta.dirname, '../documents/collection.json');

/**
 * A complete module: list, get, create, update and remove of a thing with an owner, on a table of its own, with tests.
 * Everything is decided before the first file is made; a name that does not fit leaves the tree as it was.
 */
export function feature(options) {
  return (tree, context) => {
    const name = nameFor(tree, options);
    const timestamp = nextTimestamp(tree, new Date());
    const files = apply(url('./files'), [applyTemplates({ ...name, timestamp })]);
    context.addTask(new RunSchematicTask(internal, 'documents', { made: `src/modules/${name.kebab}` }));
    return chain([mergeWith(files), register(name), formatChanges]);
  };
}

function nameFor(tree, { name: given, path }) {
  try {
    if (!tree.exists(appModule))
      throw new Error(`there is no ${appModule} here: run it at the root of the shop`);
    if (path) throw new Error(`a module lives in src/modules/<name>: leave '${path}' out`);
    const name = featureName(given);
    const taken = whyTaken(tree, name);
    if (taken) throw new Error(taken);
    return name;
  } catch (error) {
    throw new SchematicsException(`nothing was made: ${error.message}`, { cause: error });
  }
}

function register({ kebab, pascal }) {
  return tree => {
    const path = `./modules/${kebab}/${kebab}.module.js`;
    tree.overwrite(appModule, registerModule(tree.readText(appModule), `${pascal}Module`, path));
  };
}

/** Names have lengths, so only the formatter knows where the lines break. */
async function formatChanges(tree) {
  const options = JSON.parse(tree.readText('config/prettier.json'));
  for (const { path } of tree.actions.filter(({ path }) => path.endsWith('.ts'))) {
    tree.overwrite(path, await format(tree.readText(path), { ...options, parser: 'typescript' }));
  }
}
