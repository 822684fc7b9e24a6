import type { MetricObjectWithValues, MetricValue } from 'prom-client';

export type Metrics = readonly MetricObjectWithValues<MetricValue<string>>[];

/** What the primary asks a member over their channel. Nobody waits for an answer that does not come. */
export interface Question {
  readonly ask: 'alive' | 'metrics';
}

/** What a member tells: `serving` and `shut` once and unasked, when its ports open and close; the others as answers. */
export type News =
  { readonly tell: 'serving' | 'shut' | 'alive' } | { readonly tell: 'metrics'; readonly metrics: Metrics };
