import type { RequestContext } from '../../tracing/request-context.js';
import type { Caller } from '../caller.js';

/** What is looked at of a request, whoever's HTTP server it came through. */
export interface GuardedRequest {
  readonly headers: { readonly authorization?: string | undefined };
  readonly context: RequestContext;
  caller?: Caller;
}

/** The guard of the shoppers, for whoever answers without guards. */
export abstract class Admission {
  /**
   * Knows the caller afterwards, if the request says who it is; at once, unless it takes a read to know.
   * @throws TokenInvalid (unauthenticated)
   */
  abstract admit(request: GuardedRequest): Promise<void> | undefined;
}
