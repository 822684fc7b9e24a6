/** What a scenario is: data. Who plays it is in `measure/`, on what ground in `ground/`. */

export type ServerName = 'minnow' | 'node-http' | 'bare-fastify' | 'fastify-in-memory' | 'usual-nest';

export type RequestName =
  'product-detail' | 'product-list' | 'product-list-unchanged' | 'login' | 'cart-write' | 'order-create';

/** How the load reaches the server. `per-request` opens a connection for every request. */
export type Transport = 'keep-alive' | 'per-request' | 'http2';

/** One of those who are measured against each other, in a process of its own. */
export interface Side {
  readonly label: string;
  readonly server: ServerName;
  readonly request: RequestName;
  /** On top of the environment in which Minnow runs complete. */
  readonly env?: Readonly<Record<string, string>>;
  /** Variables that the shop must know; one that it does not know makes this side `not available`. */
  readonly needs?: readonly string[];
  /** The size of its catalogue. */
  readonly products?: number;
  readonly transport?: Transport;
}

/** What a round says of one side. `ready…` and `rss…` are of a start, `connectionsOpened` is of a spike. */
export interface Figures {
  readonly requestsPerSecond: number;
  readonly cpuUsPerRequest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly readyMs: number;
  readonly rssMiB: number;
  /** How far the busiest and the idlest of several processes are apart, as a share of their mean. */
  readonly imbalance: number;
  /** Values that a burst made the cache read from PostgreSQL. */
  readonly databaseLoads: number;
  readonly connectionsOpened: number;
}

export type Figure = keyof Figures;

/** A row of the table: the figure of one side, divided by that of another if there is one, and its bound. */
export interface Expectation {
  readonly figure: Figure;
  readonly of: string;
  readonly against?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Not the median is held against the bound, but the worst round. */
  readonly everyRound?: boolean;
}

interface Common {
  /** Of the command line and of the file. */
  readonly name: string;
  readonly title: string;
  /** Why it cannot be measured yet, if its sides' needs do not say it. */
  readonly pending?: string;
  /** What a reader must know to read its figures right. */
  readonly note?: string;
  /** Of the article: the side without the measure, which the others are compared with. */
  readonly without?: string;
  readonly expectations: readonly Expectation[];
}

export interface LoadScenario extends Common {
  readonly kind: 'load';
  readonly connections: number;
  /** The first is Minnow; its answer is what the others must give as well. */
  readonly sides: readonly Side[];
  /** False where sides are asked for different things. */
  readonly sameAnswer?: boolean;
}

/** All connections ask once, at the same moment, for one thing that nobody has asked for before. */
export interface BurstScenario extends Common {
  readonly kind: 'burst';
  readonly connections: number;
  readonly sides: readonly Side[];
}

/** Minnow is started anew every round, left alone for a moment and looked at. */
export interface StartScenario extends Common {
  readonly kind: 'start';
}

/** Connections to PostgreSQL, as one process of the shop or of somebody else has them. */
export interface PoolSide {
  readonly label: string;
  readonly pool: 'minnow' | 'pg-pool';
  /** What Minnow is told. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A burst that meets few connections, where connecting is slow: no server, only its pool. */
export interface SpikeScenario extends Common {
  readonly kind: 'spike';
  readonly sides: readonly PoolSide[];
}

export type Scenario = LoadScenario | BurstScenario | StartScenario | SpikeScenario;

export const products = { usual: 560, many: 100_000 } as const;

export const cacheOff = { CACHE_ENABLED: 'false' } as const;
