/** What a value breaks; `field` is a JSON pointer, as WeChat Pay's error detail wants it. */
export interface Problem {
  readonly field: string;
  readonly value: unknown;
  readonly issue: string;
}

export type Rule = (value: unknown, field: string) => Problem | undefined;

export class InvalidInput extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.field || 'body'}: ${problem.issue}`);
    this.problem = problem;
  }
}

/** The one place where a value that a rule accepted becomes a type. */
export function check<T>(rule: Rule, value: unknown): T {
  const problem = rule(value, '');
  if (problem) throw new InvalidInput(problem);
  return value as T;
}

interface TextLimits {
  readonly min?: number;
  readonly max: number;
  readonly pattern?: RegExp;
}

export function text({ min = 1, max, pattern }: TextLimits): Rule {
  return (value, field) => {
    if (typeof value !== 'string') return { field, value, issue: 'must be a string' };
    if (/[\u{10000}-\u{10FFFF}\p{Surrogate}]/u.test(value))
      return { field, value, issue: 'has a character longer than 3 bytes in UTF-8' };
    if (value.length < min || value.length > max)
      return { field, value, issue: `must have ${min} to ${max} characters` };
    if (pattern && !pattern.test(value)) return { field, value, issue: `must match ${pattern.source}` };
    return undefined;
  };
}

export function integer(min: number, max = Number.MAX_SAFE_INTEGER): Rule {
  return (value, field) => {
    if (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max) return undefined;
    return { field, value, issue: `must be an integer from ${min} to ${max}` };
  };
}

export const flag: Rule = (value, field) =>
  typeof value === 'boolean' ? undefined : { field, value, issue: 'must be true or false' };

export function oneOf(...allowed: readonly (string | number)[]): Rule {
  return (value, field) =>
    allowed.some(one => one === value)
      ? undefined
      : { field, value, issue: `must be one of ${allowed.join(', ')}` };
}

export function all(...rules: readonly Rule[]): Rule {
  return (value, field) => firstProblem(rules, rule => rule(value, field));
}

export function list(item: Rule, maxItems: number): Rule {
  return (value, field) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > maxItems)
      return { field, value, issue: `must be a list of 1 to ${maxItems}` };
    return firstProblem([...value.entries()], ([at, one]) => item(one, `${field}/${at}`));
  };
}

type Fields = Readonly<Record<string, Rule>>;

/** Unknown fields and nulls are refused. */
export function shape(required: Fields, optional: Fields = {}): Rule {
  const known = new Map([...Object.entries(required), ...Object.entries(optional)]);
  return (value, field) => {
    if (!isRecord(value)) return { field, value, issue: 'must be an object' };
    const missing = Object.keys(required).find(name => !Object.hasOwn(value, name));
    if (missing) return { field: `${field}/${missing}`, value: undefined, issue: 'is required' };
    return firstProblem(Object.entries(value), ([name, one]) => {
      const rule = known.get(name);
      return rule ? rule(one, `${field}/${name}`) : unknownField(`${field}/${name}`, one);
    });
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownField(field: string, value: unknown): Problem {
  return { field, value, issue: 'is not a known field' };
}

function firstProblem<T>(items: readonly T[], judge: (item: T) => Problem | undefined): Problem | undefined {
  for (const item of items) {
    const problem = judge(item);
    if (problem) return problem;
  }
  return undefined;
}
