import { cacheOff, type LoadScenario } from '../scenario.ts';

const request = 'product-detail';

export const tracing: LoadScenario = {
  kind: 'load',
  name: 'tracing',
  title: 'Tracing: every span exported, and none',
  connections: 64,
  sides: [
    { label: 'on', server: 'minnow', request, env: cacheOff },
    { label: 'off', server: 'minnow', request, env: { ...cacheOff, OTEL_EXPORTER_OTLP_ENDPOINT: '' } },
  ],
  expectations: [{ figure: 'cpuUsPerRequest', of: 'on', against: 'off', atMost: 1.25 }],
};
