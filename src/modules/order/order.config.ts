import { configSlice } from '../../platform/config/config-slice.js';
import { duration, int, text } from '../../platform/config/fields.js';
import { messageFields } from './message/message-fields.js';

export class OrderConfig extends configSlice('order', {
  paymentTimeout: duration({ min: '1s' })
    .prefault('30m')
    .describe('an unpaid order is cancelled after this and its stock returns'),
  sweepGrace: duration().prefault('10s').describe('the sweeper leaves an expired order to its job this long'),
  sweepRetry: duration({ min: '50ms' })
    .prefault('30s')
    .describe('an order that a sweeper could not end is left alone by all of them this long'),
  sweepBatch: int(1, 1_000).default(20).describe('orders that a sweeper takes at once'),
  autoReceiveAfter: duration({ min: '1s' })
    .prefault('10d')
    .describe('an order counts as received this long after it was shipped'),
  autoCompleteAfter: duration({ min: '1s' })
    .prefault('7d')
    .describe('an order is completed this long after it was received'),
  lateRefundRetry: duration({ min: '50ms' })
    .prefault('10m')
    .describe(
      'money of a cancelled order whose refund WeChat has closed is sent back again after this; every gap is four times the last',
    ),
  shippedTemplateId: text()
    .optional()
    .describe('template of the subscribe message that an order was shipped; without it none is sent'),
  shippedTemplateFields: messageFields()
    .prefault(
      'character_string1=number,thing2=goods,thing3=carrier,character_string4=trackingNumber,time5=shippedAt',
    )
    .describe('which key of that template says what'),
  messagePage: text()
    .regex(/^[\w-]+(\/[\w-]+)*$/, 'must be like pages/order/detail')
    .optional()
    .describe(
      'page of the mini-program that a message leads to, with the order’s id as `id`; unset: nowhere',
    ),
  freightFen: int(0, 100_000).default(800).describe('freight in fen'),
  freeFreightFromFen: int(0, 100_000_000).default(8_800).describe('orders worth this many fen travel free'),
}) {}
