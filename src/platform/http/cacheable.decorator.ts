import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiResponse } from '@nestjs/swagger';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set by `@Cacheable`: clients may keep the answer this long. */
    readonly maxAgeSeconds?: number;
  }
}

/**
 * A public read that is the same for everybody: sent with `Cache-Control` and an `ETag`, answered 304 when the client
 * has it already. Every other answer is `no-store`.
 */
export const Cacheable = (maxAgeSeconds: number): MethodDecorator =>
  applyDecorators(
    RouteConfig({ maxAgeSeconds }),
    ApiResponse({ status: 304, description: 'nothing has changed since the answer with this `ETag`' }),
  );
