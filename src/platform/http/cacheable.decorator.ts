import { RouteConfig } from '@nestjs/platform-fastify';

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
export const Cacheable = (maxAgeSeconds: number): MethodDecorator => RouteConfig({ maxAgeSeconds });
