import type { OpenAPIObject } from '@nestjs/swagger';
import { describe, expect, it } from 'vitest';
import { complete, summaryOf } from './complete-openapi.ts';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** As the generator leaves it: one route with one success. */
function documentWith(operation: Partial<Operation>): OpenAPIObject {
  const bare = { operationId: 'product.list', responses: { 200: { description: '' } } };
  return {
    openapi: '3.1.0',
    info: { title: 'Shop', version: '1', contact: {} },
    tags: [],
    paths: { '/products': { get: { ...bare, ...operation } } },
  };
}

function completed(operation: Partial<Operation>): Operation {
  return complete(documentWith(operation)).paths['/products']!.get!;
}

const success = ({ responses }: Operation): unknown => responses['200'];

describe('the OpenAPI document', () => {
  it.each([
    ['catalog.listProducts', 'List products'],
    ['order.cancel', 'Cancel order'],
    ['giftCard.list', 'List gift card'],
    ['ping.ping', 'Ping'],
  ])('says what %s does: %s', (id, summary) => {
    expect(summaryOf(id)).toBe(summary);
  });

  it('leaves no success without a word, and changes no word that somebody wrote', () => {
    expect(completed({})).toMatchObject({
      summary: 'List product',
      responses: { 200: { description: 'List product' } },
    });
    const told = { summary: 'All of them', responses: { 200: { description: 'newest first' } } };
    expect(completed(told)).toMatchObject(told);
  });

  it('tells clients that they may ask whether anything has changed', () => {
    const responses = { 200: { description: 'all' }, 304: { description: 'nothing new' } };
    expect(success(completed({ responses }))).toMatchObject({ headers: { ETag: {}, 'Cache-Control': {} } });
    expect(success(completed({}))).not.toHaveProperty('headers');
  });

  it('tells clients how they know a repeated answer', () => {
    const parameters = [{ name: 'Idempotency-Key', in: 'header' as const }];
    expect(success(completed({ parameters }))).toMatchObject({ headers: { 'Idempotency-Replayed': {} } });
  });

  it('holds nothing empty', () => {
    const document = complete(documentWith({}));
    expect(document.info).not.toHaveProperty('contact');
    expect(document).not.toHaveProperty('tags');
  });
});
