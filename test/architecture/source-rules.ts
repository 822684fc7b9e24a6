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

/** Configuration is validated before anything starts; a variable read elsewhere is neither checked nor documented. */
export const environmentOnlyInConfig: SourceRule = ({ path, tree }) =>
  path.startsWith('src/platform/config/')
    ? []
    : find(
        tree,
        node =>
          ts.isPropertyAccessExpression(node) && /^process\.env$/.test(node.getText()) && 'reads process.env',
      );

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
]);

/** Errors are AppErrors until the edge; nothing is created per request. */
export const plainNest: SourceRule = ({ path, tree }) =>
  find(
    tree,
    node =>
      ts.isImportSpecifier(node) && from(node) === '@nestjs/common' && (node.propertyName ?? node.name).text,
  )
    .map(name => noFramework.get(name) ?? (httpError.test(name) && !atTheEdge(path) ? `knows ${name}` : ''))
    .filter(Boolean);

/** Terminus reports by exception, so the probes know one too. */
const atTheEdge = (path: string): boolean => /^src\/platform\/(http|health)\//.test(path);

function from(specifier: ts.ImportSpecifier): string {
  const { moduleSpecifier } = specifier.parent.parent.parent;
  return ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : '';
}

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

export const sourceRules: Readonly<Record<string, SourceRule>> = {
  environmentOnlyInConfig,
  noSwitchedOffRules,
  plainNest,
  fewParameters,
  documentedContracts,
  documentedModules,
};
