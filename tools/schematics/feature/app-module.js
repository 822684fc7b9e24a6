/**
 * The table of contents with one more module: its import in alphabetical place, its name at the end of the list.
 * @throws {Error} when the text is not of the shape of src/app.module.ts.
 */
export function registerModule(text, className, path) {
  const statement = `import { ${className} } from '${path}';\n`;
  const imports = [...text.matchAll(/^import [^;]+ from '([^']+)';\n/gm)];
  // Formatted as it is, only the bracket that ends the list itself stands two columns in.
  const list = /^@Module\(\{\n {2}imports: \[\n[\s\S]*?(?=,?\n {2}\])/m.exec(text);
  const after = imports.findLast(([, other]) => other.startsWith('./modules/') && other < path) ?? imports[0];
  if (!list || !after) throw new Error('src/app.module.ts has no imports, or no list of modules, to add to');
  const [top, end] = [after.index + after[0].length, list.index + list[0].length];
  return `${text.slice(0, top)}${statement}${text.slice(top, end)}, ${className}${text.slice(end)}`;
}
