import { describe, expect, it } from 'vitest';
import { between, imbalanceOf, valuesOf } from './crew.ts';

const metrics = `# HELP web_processes x
# TYPE web_processes gauge
web_processes 2
web_processes_max 4
cache_loads_total{cache="catalog.product",outcome="ok"} 3
cache_loads_total{cache="catalog.products",outcome="ok"} 5
web_process_requests_total{process="1"} 90
web_process_requests_total{process="2"} 110
`;

describe('what the processes on one port say', () => {
  it('is read by its whole name', () => {
    expect(valuesOf(metrics, 'web_processes')).toEqual([2]);
    expect(valuesOf(metrics, 'cache_loads_total', 'cache="catalog.product"')).toEqual([3]);
    expect(valuesOf(metrics, 'web_process_requests_total')).toEqual([90, 110]);
  });

  it('counts what has happened since, also in a process that had not been asked before', () => {
    const round = between({ databaseLoads: 1, requests: [40] }, { databaseLoads: 3, requests: [90, 110] });
    expect(round).toEqual({ databaseLoads: 2, requests: [50, 110] });
  });

  it('tells how uneven they are', () => {
    expect(imbalanceOf({ databaseLoads: 0, requests: [95, 105] })).toBeCloseTo(0.1);
    expect(imbalanceOf({ databaseLoads: 0, requests: [100, 100] })).toBe(0);
    expect(imbalanceOf({ databaseLoads: 0, requests: [200, 0] })).toBe(2);
  });
});
