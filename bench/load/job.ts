/** What the load is told and what it answers, both as JSON files. */
import type { Transport } from '../scenario.ts';

export interface LoadRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * `each`: every connection sends all of them, over and over. `shared`: all connections take turns, so that no two send
 * the same at once. `once`: the same, and the load ends when there are no more.
 */
export type SendingOrder = 'each' | 'shared' | 'once';

export interface Job {
  readonly url: string;
  /** Whose processor time is counted. */
  readonly serverPid: number;
  /** With HTTP/2: requests under way at once, on a few connections. */
  readonly connections: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly transport: Transport;
  readonly requests: readonly LoadRequest[];
  readonly order: SendingOrder;
  readonly expectedStatus: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly elapsedMs: number;
  readonly serverCpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers by status other than the expected one, and requests without an answer; empty in a run that counts. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Every connection builds requests ahead that it may never send. */
export function spareRequests(connections: number): number {
  return connections * 2;
}
