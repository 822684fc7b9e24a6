import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './commands.ts';

interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string }[];
  readonly responses: Readonly<Record<string, Answer>>;
}

const { paths } = JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};
const operations = Object.values(paths).flatMap(methods => Object.values(methods));

const idsOf = (found: readonly Operation[]): readonly string[] => found.map(({ operationId }) => operationId);
const successes = ({ responses }: Operation): readonly Answer[] =>
  Object.entries(responses).flatMap(([status, answer]) => (status.startsWith('2') ? [answer] : []));
const promises = (operation: Operation, header: string): boolean =>
  successes(operation).every(({ headers }) => headers?.[header] !== undefined);

describe('a generated client', () => {
  it('has a name of its own and a sentence for every operation', () => {
    const ids = idsOf(operations);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(idsOf(operations.filter(({ summary }) => !summary))).toEqual([]);
  });

  it('can tell what each success means', () => {
    const silent = operations.filter(
      operation =>
        successes(operation).length === 0 || successes(operation).some(({ description }) => !description),
    );
    expect(idsOf(silent)).toEqual([]);
  });

  it('knows what it may keep, and which answers are repeated', () => {
    const cacheable = operations.filter(({ responses }) => '304' in responses);
    expect(idsOf(cacheable)).toContain('storefront.getHome');
    expect(idsOf(cacheable.filter(it => !promises(it, 'ETag')))).toEqual([]);
    const keyed = operations.filter(it => it.parameters?.some(({ name }) => name === 'Idempotency-Key'));
    expect(idsOf(keyed)).toContain('order.placeOrder');
    expect(idsOf(keyed.filter(it => !promises(it, 'Idempotency-Replayed')))).toEqual([]);
  });
});
