import { AggregatorRegistry, Counter, Registry } from 'prom-client';
import { counterWhenScraped, gaugeWhenScraped } from '../metrics/when-scraped.js';
import type { Crew } from './crew.js';
import type { Metrics } from './messages.js';

const answered = 'http_server_request_duration_seconds';

/**
 * The metrics of all members as those of one process: counters and histograms are added up, and each gauge says itself
 * how (`aggregator`; by default it is a sum). Promise: one that hangs or has died delays a scrape by `timeoutMs` at
 * most and takes no count back, or Prometheus would take the rest for a burst.
 */
export class CrewMetrics {
  /** What members had counted that have ended. */
  private past: Metrics = [];
  private readonly own = new Registry();

  constructor(
    private readonly crew: Crew,
    private readonly timeoutMs: number,
  ) {
    const { own } = this;
    gaugeWhenScraped('web_processes', 'Processes that serve the public port', () => crew.serving, own);
    gaugeWhenScraped('web_processes_max', 'Processes that should serve it', () => crew.members.length, own);
    const restarts = 'Processes that were started in place of one that had died';
    counterWhenScraped('web_process_restarts_total', restarts, () => crew.restarts, own);
    this.publishRequests();
  }

  async text(): Promise<string> {
    const { members } = this.crew;
    await Promise.all(members.map(member => member.refreshMetrics(this.timeoutMs)));
    const own = await this.own.getMetricsAsJSON();
    return merged([own, ...members.map(({ metrics }) => metrics), this.past]).metrics();
  }

  /** Keeps what one has counted that has ended. What it had in hand is gone with it. */
  keep(metrics: Metrics): void {
    const counted = metrics.filter(({ type }) => ['counter', 'histogram'].includes(String(type)));
    this.past = merged([this.past, counted]).getMetricsAsArray() as unknown as Metrics;
  }

  /** By number, so that one that gets more than its share is seen. */
  private publishRequests(): void {
    const { members } = this.crew;
    new Counter({
      name: 'web_process_requests_total',
      help: 'Requests answered by the process that has this number now',
      labelNames: ['process'],
      registers: [this.own],
      collect() {
        this.reset();
        for (const { number, metrics } of members) this.inc({ process: String(number) }, requestsIn(metrics));
      },
    });
  }
}

function merged(all: readonly Metrics[]): Registry {
  return AggregatorRegistry.aggregate([...all]);
}

function requestsIn(metrics: Metrics): number {
  const values = metrics.find(({ name }) => name === answered)?.values ?? [];
  const counts = values.filter(
    value => (value as { metricName?: string }).metricName === `${answered}_count`,
  );
  return counts.reduce((sum, { value }) => sum + value, 0);
}
