import ts from 'typescript';

/** One source file, parsed; `path` is relative to the root of the repository. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** Says what is wrong with one file, a line each. */
export type SourceRule = (source: Source) => readonly string[];

export function parse(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true) };
}

/** Everything in the tree that `pick` recognises. */
function find<T>(root: ts.Node, pick: (node: ts.Node) => T | null | false): readonly T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    const picked = pick(node);
    if (picked) found.push(picked);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

const hasDoc = (node: ts.Node): boolean => ts.getJSDocCommentsAndTags(node).length > 0;

const environment = /(^|\.)process(\.env|\?\.env|\[['"`]env['"`]\])$/;

/** Configuration is validated before anything starts; a variable read elsewhere is neither checked nor documented. */
export const environmentOnlyInConfig: SourceRule = ({ path, tree }) =>
  path.startsWith('src/platform/config/')
    ? []
    : find(tree, node => (readsEnvironment(node) || takesEnvironment(node)) && 'reads process.env');

function readsEnvironment(node: ts.Node): boolean {
  return (
    (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) &&
    environment.test(node.getText())
  );
}

/** `import { env } from 'node:process'` and `const { env } = process`. */
function takesEnvironment(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node)) return /^(node:)?process$/.test(moduleOf(node));
  return (
    ts.isBindingElement(node) &&
    (node.propertyName ?? node.name).getText() === 'env' &&
    ts.isVariableDeclaration(node.parent.parent) &&
    node.parent.parent.initializer?.getText() === 'process'
  );
}

/** A rule that can be switched off in passing is not a rule. */
export const noSwitchedOffRules: SourceRule = ({ text }) =>
  [
    ...text.matchAll(
      /(?:oxlint|eslint)-disable|@ts-(?:ignore|nocheck|expect-error)|prettier-ignore|v8 ignore/g,
    ),
  ].map(([what]) => `switches a rule off: ${what}`);

const httpError = /Exception$/;
const noFramework = new Map([
  ['forwardRef', 'hides a cycle with forwardRef'],
  ['Scope', 'asks for a scope: everything here is a singleton'],
  ['REQUEST', 'asks for the request: what needs it is created once for each'],
  ['INQUIRER', 'asks who asks: what needs it is created once for each'],
]);

/** Errors are AppErrors until the edge; nothing is created per request, and what is taken of Nest is named. */
export const plainNest: SourceRule = ({ path, tree }) =>
  find(tree, node => ts.isImportDeclaration(node) && moduleOf(node).startsWith('@nestjs/') && node).flatMap(
    taken => [
      ...find(taken, node => ts.isNamespaceImport(node) && `takes all of ${moduleOf(taken)}`),
      ...find(taken, node => ts.isImportSpecifier(node) && (node.propertyName ?? node.name).text)
        .map(
          name => noFramework.get(name) ?? (httpError.test(name) && !atTheEdge(path) ? `knows ${name}` : ''),
        )
        .filter(Boolean),
    ],
  );

/** Terminus reports by exception, so the probes know one too. */
const atTheEdge = (path: string): boolean => /^src\/platform\/(http|health)\//.test(path);

function moduleOf({ moduleSpecifier }: ts.ImportDeclaration): string {
  return ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : '';
}

/** Every name that a file gives to a Transactor, whatever it calls it. */
function transactorsIn(tree: ts.SourceFile): ReadonlySet<string> {
  const typed = find(
    tree,
    node =>
      (ts.isParameter(node) || ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) &&
      node.type?.getText() === 'Transactor' &&
      node.name.getText(),
  );
  return new Set(['transactor', ...typed]);
}

/** `this.transactor.query` → `query`, for what is done with a Transactor. */
function transactorUses(tree: ts.SourceFile): readonly string[] {
  const names = transactorsIn(tree);
  return find(tree, node => {
    if (!ts.isPropertyAccessExpression(node)) return null;
    const { expression, name } = node;
    const holder = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
    return names.has(holder.getText()) && name.text;
  });
}

/** All SQL of a module is in its repository, whoever has a Transactor for its transactions. */
export const sqlInRepositories: SourceRule = ({ path, tree }) =>
  path.startsWith('src/platform/') || path.endsWith('.repository.ts')
    ? []
    : transactorUses(tree)
        .filter(use => /^(query|execute|manager)$/.test(use))
        .map(use => `reaches the database by transactor.${use}`);

/** What belongs together is decided by services and use cases; controllers translate, repositories fetch. */
export const transactionsInServices: SourceRule = ({ path, tree }) =>
  /\.(controller|repository)\.ts$/.test(path)
    ? transactorUses(tree)
        .filter(use => use === 'run')
        .map(() => 'opens a transaction')
    : [];

/** Calls to other servers go through the client that has their deadlines. */
export const noGlobalFetch: SourceRule = ({ tree }) =>
  find(tree, node => {
    if (ts.isCallExpression(node)) return node.expression.getText() === 'fetch' && 'calls fetch';
    return (
      ts.isPropertyAccessExpression(node) && node.getText() === 'globalThis.fetch' && 'takes globalThis.fetch'
    );
  });

/** Constructors take up to six (the linter counts them), everything else up to four. */
export const fewParameters: SourceRule = ({ tree }) =>
  find(
    tree,
    node =>
      ts.isFunctionLike(node) &&
      !ts.isConstructorDeclaration(node) &&
      node.parameters.length > 4 &&
      `${node.name?.getText() ?? 'a function'} takes ${node.parameters.length} parameters`,
  );

/** What others may use says what it promises. */
export const documentedContracts: SourceRule = ({ path, tree }) => {
  if (!path.endsWith('.contract.ts')) return [];
  const members = find(tree, node => isAbstract(node) && ts.isClassElement(node) && node);
  return members
    .filter(member => !hasDoc(member))
    .map(member => `${member.name?.getText()} has no doc comment`);
};

function isAbstract(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    !!ts.getModifiers(node)?.some(it => it.kind === ts.SyntaxKind.AbstractKeyword)
  );
}

/** A module's doc comment is where a reader learns what it owns, promises and calls. */
export const documentedModules: SourceRule = ({ path, tree }) =>
  /^src\/modules\/.*\.module\.ts$/.test(path)
    ? find(
        tree,
        node => ts.isClassDeclaration(node) && !hasDoc(node) && `${node.name?.text} has no doc comment`,
      )
    : [];

/** A pause is too short on a slow machine and too long on every other: tests wait for what they wait for. */
export const noPauses: SourceRule = ({ path, tree }) =>
  /\.(spec|test)\.ts$/.test(path)
    ? find(tree, node => ts.isIdentifier(node) && node.text === 'setTimeout' && 'pauses with setTimeout')
    : [];

export const sourceRules: Readonly<Record<string, SourceRule>> = {
  environmentOnlyInConfig,
  noSwitchedOffRules,
  plainNest,
  sqlInRepositories,
  transactionsInServices,
  noGlobalFetch,
  fewParameters,
  documentedContracts,
  documentedModules,
};
