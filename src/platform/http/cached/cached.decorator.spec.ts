import { Body, Controller, Get, Headers, Param, Query } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Cached } from './cached.decorator.js';

const text = z.string().max(10);
const options = { name: 'test', ttlMs: 1, maxAgeSeconds: 1, tags: () => [] };

describe('a route whose answer is kept', () => {
  it('depends on path and query, in the order of its arguments', () => {
    @Controller()
    class Sample {
      @Get(':id')
      @Cached(options)
      find(@Param('id', { schema: text }) id: string, @Query({ schema: text }) query: string): string {
        return id + query;
      }
    }
    const config = Reflect.getMetadata('__fastify_route_config__', Sample.prototype.find) as unknown;
    expect(config).toMatchObject({
      cached: {
        inputs: [
          { from: 'params', field: 'id', schema: text },
          { from: 'query', field: undefined, schema: text },
        ],
      },
    });
  });

  it.each([
    ['a header', Headers('accept-language')],
    ['a body', Body({ schema: text })],
    ['a parameter without a schema', Param('id')],
  ])('cannot depend on %s, which its key would not hold', (_, decorate) => {
    class Sample {
      find(): void {}
    }
    decorate(Sample.prototype, 'find', 0);
    const descriptor = Object.getOwnPropertyDescriptor(Sample.prototype, 'find')!;
    expect(() => Cached(options)(Sample.prototype, 'find', descriptor)).toThrow('not cacheable');
  });
});
