import { z } from 'zod';
import { configSlice } from '../config/config-slice.js';

export class LoggingConfig extends configSlice('logging', {
  level: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .meta({ env: 'LOG_LEVEL' })
    .describe('least severe level that is written'),
}) {}
