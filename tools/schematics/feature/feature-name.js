import { strings } from '@angular-devkit/schematics';
import pluralize from 'pluralize';

const shortest = 3;
const longest = 40;

/** Folders of the house, words that sort files by type (the architecture tests refuse them), words of SQL and JavaScript. */
const reserved = new Set(
  [
    'own app main worker kernel platform module modules src test config index',
    'common shared misc util utils helper helpers controller controllers service services repository repositories',
    'entity entities dto dtos schema schemas migration migrations',
    'reference references overlap overlaps constructor prototype true false null undefined',
  ].flatMap(line => line.split(' ')),
);

/**
 * Every spelling of a feature's name that its files need.
 * @throws {Error} with one line for a person, when it is no name.
 */
export function featureName(given) {
  const kebab = strings.dasherize(asText(given));
  if (!/^[a-z]+(-[a-z]+)*$/.test(kebab)) {
    const got = kebab === '' ? '' : `, not '${asText(given)}'`;
    throw new Error(`a feature is named by a noun in letters, such as review or gift-card${got}`);
  }
  // One letter is a variable of the templates: `a` would be declared twice.
  if (kebab.length < shortest) throw new Error(`'${kebab}' is shorter than ${shortest} letters`);
  if (kebab.length > longest) throw new Error(`'${kebab}' is longer than ${longest} letters`);
  if (reserved.has(kebab))
    throw new Error(`'${kebab}' is a word of the house itself; name what the module is about`);
  const one = singular(kebab);
  if (kebab !== one) throw new Error(`'${kebab}' is plural; name one of them: ${one}`);
  return spellings(kebab);
}

/** The command line reads an empty name as 0, and none as nothing. */
function asText(given) {
  return given === undefined || given === 0 ? '' : String(given).trim();
}

/** Of the last word, because news and series stay as they are; status, basis and address only look like plurals. */
function singular(kebab) {
  return kebab.replace(/[a-z]+$/, word => (/(us|is|ss)$/.test(word) ? word : pluralize.singular(word)));
}

function spellings(kebab) {
  const kebabs = pluralize(kebab);
  return {
    kebab,
    kebabs,
    snake: strings.underscore(kebab),
    snakes: strings.underscore(kebabs),
    camel: strings.camelize(kebab),
    pascal: strings.classify(kebab),
    pascals: strings.classify(kebabs),
    words: kebab.replaceAll('-', ' '),
    pluralWords: kebabs.replaceAll('-', ' '),
  };
}
