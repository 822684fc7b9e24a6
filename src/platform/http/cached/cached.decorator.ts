import { applyDecorators, type Type } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiResponse } from '../documented.js';
import type { CachedOptions, CachedRoute, RouteInput } from './cached-route.js';

/** Nest's own name for what its parameter decorators leave on a controller. */
const argumentsKey = '__routeArguments__';
const sources: Readonly<Record<string, RouteInput['from'] | undefined>> = { 4: 'query', 5: 'params' };

/**
 * A public read that is the same for everybody who gives the same input, kept as the bytes that go out: sent with
 * `Cache-Control` and an `ETag`, answered 304 when the client has it already. `serveCached` serves it, held or not.
 * Every other answer is `no-store`.
 */
export function Cached(options: CachedOptions): MethodDecorator {
  return (prototype, member, descriptor) => {
    const inputs = inputsOf(prototype, member);
    const cached: CachedRoute = { options, inputs, controller: prototype.constructor as Type, member };
    applyDecorators(
      RouteConfig({ cached }),
      ApiResponse({ status: 304, description: 'nothing has changed since the answer with this `ETag`' }),
    )(prototype, member, descriptor);
  };
}

interface Argument {
  readonly index: number;
  readonly data?: string;
  readonly schema?: object;
}

/** @throws Error when the class is defined, for a handler whose answer depends on more than path and query */
function inputsOf(prototype: object, member: string | symbol): readonly RouteInput[] {
  const given: unknown = Reflect.getMetadata(argumentsKey, prototype.constructor, member);
  return Object.entries((given ?? {}) as Record<string, Argument>)
    .map(([key, { index, data, schema }]) => {
      const from = sources[key.split(':')[0]!];
      if (from && schema) return { index, from, field: data, schema };
      throw new Error(`${String(member)} is not cacheable: its argument ${index} is neither path nor query`);
    })
    .toSorted((one, other) => one.index - other.index);
}
