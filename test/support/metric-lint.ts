/** The rules of `promtool check metrics` that our names can break, for machines without promtool. */

interface Family {
  help: boolean;
  type: string | undefined;
}

const foreignUnits =
  /(^|_)(milliseconds|ms|microseconds|us|nanoseconds|ns|minutes|hours|days|kilobytes|megabytes|kb|mb|percent)(_|$)/;
const typeInName = /(^|_)(counter|gauge|histogram|summary)(_|$)/;

/** One line for every rule that an exposition in the text format breaks. */
export function lintMetrics(text: string): string[] {
  const families = new Map<string, Family>();
  const problems: string[] = [];
  for (const line of text.split('\n').filter(Boolean)) read(line, families, problems);
  for (const [name, family] of families) problems.push(...flaws(name, family));
  return problems;
}

function read(line: string, families: Map<string, Family>, problems: string[]): void {
  const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
  if (comment) {
    const [, kind, name = '', rest] = comment;
    const family = families.get(name) ?? { help: false, type: undefined };
    families.set(name, kind === 'HELP' ? { ...family, help: true } : { ...family, type: rest });
    return;
  }
  const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$/.exec(line);
  if (!sample || !isNumber(sample[3]!)) return void problems.push(`not a sample: ${line}`);
  if (!familyOf(sample[1]!, families)) problems.push(`${sample[1]}: a sample without HELP and TYPE`);
}

function isNumber(value: string): boolean {
  return ['NaN', '+Inf', '-Inf', 'Nan'].includes(value) || Number.isFinite(Number(value));
}

function familyOf(sample: string, families: Map<string, Family>): Family | undefined {
  return families.get(sample) ?? families.get(sample.replace(/_(bucket|sum|count)$/, ''));
}

function flaws(name: string, { help, type }: Family): string[] {
  const isDistribution = type === 'histogram' || type === 'summary';
  const rules: readonly (readonly [boolean, string])[] = [
    [!help, 'no HELP'],
    [type === undefined || type === 'untyped', 'no TYPE'],
    [type === 'counter' && !name.endsWith('_total'), 'a counter must end in _total'],
    [type !== 'counter' && name.endsWith('_total'), 'only a counter may end in _total'],
    [!isDistribution && /_(count|sum|bucket)$/.test(name), '_count, _sum and _bucket belong to histograms'],
    [foreignUnits.test(name), 'not a base unit'],
    [typeInName.test(name), 'the type is no part of a name'],
    [/[A-Z]/.test(name), 'camelCase'],
  ];
  return rules.filter(([broken]) => broken).map(([, flaw]) => `${name}: ${flaw}`);
}
