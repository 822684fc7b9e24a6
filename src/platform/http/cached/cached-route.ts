import type { Type } from '@nestjs/common';
import type { AppError } from '../../../kernel/app-error.js';
import type { CacheSpec } from '../../cache/cache-spec.js';

type Times = Pick<CacheSpec<unknown>, 'name' | 'ttlMs' | 'negativeTtlMs' | 'staleMs' | 'errorMs'>;

export interface CachedOptions extends Times {
  /** Clients may keep the answer this long. */
  readonly maxAgeSeconds: number;
  /** What changes it, told by the handler's arguments. */
  readonly tags: (...input: never[]) => readonly string[];
  /** What the handler throws when there is no such thing; remembered for `negativeTtlMs`. */
  readonly absent?: new () => AppError;
}

/** One argument of a handler, and the schema that its raw value has to pass. */
export interface RouteInput {
  readonly index: number;
  readonly from: 'params' | 'query';
  readonly field?: string;
  readonly schema: object;
}

/** What `@Cached` says of a route. */
export interface CachedRoute {
  readonly options: CachedOptions;
  /** In the order of the handler's arguments. */
  readonly inputs: readonly RouteInput[];
  readonly controller: Type;
  /** The handler's name. */
  readonly member: string | symbol;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly cached?: CachedRoute;
  }
}
