/** What stands in the house already, read from the tree. */

const migration = /\/migrations\/(\d{14})-[a-z0-9-]+\.ts$/;

/** One line that names what is in the way of the feature, or null. */
export function whyTaken(tree, { kebab, kebabs, snakes, pascal }) {
  for (const folder of [`src/modules/${kebab}`, `test/integration/${kebab}`]) {
    if (!isEmpty(tree.getDir(folder))) return `${folder} exists already`;
  }
  const owned = [
    [`the table ${snakes}`, new RegExp(`create (unlogged )?table (if not exists )?"?${snakes}\\b`, 'i')],
    [`the route /${kebabs}`, new RegExp(`@Controller\\('/?${kebabs}['/]`)],
    [`the class ${pascal}Controller`, new RegExp(`class ${pascal}Controller\\b`)],
    [`the class ${pascal}Module`, new RegExp(`\\b${pascal}Module\\b`)],
  ];
  for (const [path, text] of sources(tree)) {
    const [what] = owned.find(([, pattern]) => pattern.test(text)) ?? [];
    if (what) return `${what} belongs to ${path} already`;
  }
  return null;
}

/** Now, in UTC, but later than every migration there is: they run and revert in this order. */
export function nextTimestamp(tree, now) {
  const current = now.toISOString().replace(/\D/g, '').slice(0, 14);
  const latest = paths(tree.getDir('src'))
    .map(path => migration.exec(path)?.[1] ?? '')
    .reduce((one, other) => (one > other ? one : other), '');
  return current > latest ? current : String(Number(latest) + 1);
}

function isEmpty(directory) {
  return directory.subfiles.length === 0 && directory.subdirs.length === 0;
}

function sources(tree) {
  return paths(tree.getDir('src'))
    .filter(path => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
    .map(path => [path.slice(1), tree.readText(path)]);
}

function paths(directory) {
  const found = [];
  directory.visit(path => found.push(path));
  return found;
}
