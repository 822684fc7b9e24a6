import { configSlice } from '../../platform/config/config-slice.js';
import { duration } from '../../platform/config/fields.js';

export class PaymentConfig extends configSlice('payment', {
  prepayReuse: duration()
    .prefault('110m')
    .describe('a prepay id is reused this long; WeChat keeps it for 2 h'),
  refreshInterval: duration({ min: '100ms' })
    .prefault('2s')
    .describe('WeChat is asked about one payment at most this often on reads'),
}) {}
