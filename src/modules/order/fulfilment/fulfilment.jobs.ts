import { defineJob } from '../../../platform/queue/define-job.js';
import { OrderShipped } from '../order.events.js';

/** Of its own: what waits for WeChat's mini-program API must not keep a payment waiting. */
export const fulfilmentQueue = 'fulfilment';

/**
 * WeChat learns how an order was sent, so that it pays the merchant out. It knows a payment up to a minute later than we
 * do (10060001), and wants to hear within two days: tried at growing gaps, up to five minutes, for more than one.
 */
export const UploadShipping = defineJob('order.upload-shipping', {
  queue: fulfilmentQueue,
  on: OrderShipped,
  attempts: 600,
  backoffMs: 10_000,
});

/** The shopper learns that the order is on its way; for some three hours, after which it is no news. */
export const AnnounceShipment = defineJob('order.announce-shipment', {
  queue: fulfilmentQueue,
  on: OrderShipped,
  attempts: 60,
  backoffMs: 10_000,
});
