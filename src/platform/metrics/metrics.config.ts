import { configSlice } from '../config/config-slice.js';
import { flag } from '../config/fields.js';

export class MetricsConfig extends configSlice('metrics', {
  enabled: flag()
    .default(true)
    .describe('false: requests and the process are not measured, and `/metrics` is 404'),
}) {}
