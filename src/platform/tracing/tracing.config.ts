import { configSlice } from '../config/config-slice.js';
import { httpUrl, keyValues, ratio, text } from '../config/fields.js';

export class TracingConfig extends configSlice('tracing', {
  serviceName: text()
    .default('minnow')
    .meta({ env: 'OTEL_SERVICE_NAME' })
    .describe('`service` in logs, `service.name` in traces'),
  endpoint: httpUrl()
    .optional()
    .meta({ env: 'OTEL_EXPORTER_OTLP_ENDPOINT' })
    .describe('OTLP/HTTP collector; unset: trace ids only, nothing is exported'),
  headers: keyValues()
    .optional()
    .meta({ env: 'OTEL_EXPORTER_OTLP_HEADERS', secret: true })
    .describe('sent to the collector, such as `authorization=Bearer …`; several with commas between'),
  sampleRatio: ratio().default(1).describe('share of traces exported, also of those that a caller began'),
}) {}
