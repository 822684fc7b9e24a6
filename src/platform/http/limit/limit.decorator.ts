import { RouteConfig } from '@nestjs/platform-fastify';
import type { LimitName } from '../../rate-limit/limit-name.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set by `@Limited`; `none` by `@Unlimited`. */
    readonly limit?: LimitName | 'none';
  }
}

/** A route that costs more than others, or is worth guessing at: it counts for `limit.address`, `caller` and this. */
export const Limited = (limit: LimitName): MethodDecorator => RouteConfig({ limit });

/** For whoever calls us because it has to: probes, and WeChat, which sends what it cannot send again later. */
export const Unlimited = (): MethodDecorator => RouteConfig({ limit: 'none' });
