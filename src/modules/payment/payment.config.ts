import { configSlice } from '../../platform/config/config-slice.js';
import { duration, int } from '../../platform/config/fields.js';

export class PaymentConfig extends configSlice('payment', {
  prepayReuse: duration()
    .prefault('110m')
    .describe('a prepay id is reused this long; WeChat keeps it for 2 h'),
  refreshInterval: duration({ min: '100ms' })
    .prefault('2s')
    .describe('WeChat is asked about one payment at most this often on reads'),
  pollInterval: duration({ min: '50ms' })
    .prefault('1s')
    .describe('how often payments and refunds that WeChat has to be asked about are looked for'),
  pollFirst: duration({ min: '50ms' })
    .prefault('5s')
    .describe(
      'a payment or refund that was started is first asked about after this; every gap is four times the last',
    ),
  pollLongest: duration({ min: '50ms' })
    .prefault('3m')
    .describe('longest gap between two questions about one payment'),
  refundPollLongest: duration({ min: '50ms' })
    .prefault('30m')
    .describe('longest gap between two questions about one refund, or two attempts to send it'),
  billAfter: duration()
    .prefault('10.25h')
    .describe('so long after a day in Beijing has ended its bill is compared; WeChat has it from 10:00'),
  billInterval: duration({ min: '50ms' })
    .prefault('1m')
    .describe('how often days are looked for that have to be compared with their bills'),
  billRetry: duration({ min: '1s' })
    .prefault('10m')
    .describe('a comparison without a result is tried again after this; longer than wechat.billTimeout'),
  pollBatch: int(1, 1_000).default(20).describe('payments asked about at once'),
  refundBatch: int(1, 100)
    .default(3)
    .describe('refunds that a process sends or asks about in one `pollInterval`, one after the other'),
  refundPause: duration({ min: '50ms' })
    .prefault('2s')
    .describe(
      'no refund is sent for so long after WeChat has found it too much, or the merchant account empty',
    ),
  refundGiveUpAfter: duration({ min: '50ms' })
    .prefault('1h')
    .describe('a refund that WeChat refuses for good and does not know counts as closed after this'),
}) {}
