import { Injectable } from '@nestjs/common';
import { inBeijing } from '../../../kernel/beijing-time.js';
import { assertOk, type ApiOutcome } from './api-outcome.js';
import { MiniProgramApi } from './mini-program-api.js';
import { cut } from '../text-limit.js';
import { WechatUnavailable } from '../wechat-error.js';

const logisticsTypes = { express: 1, same_city: 2, virtual: 3, self_pickup: 4 } as const;

/** How the goods of one payment have left, in one parcel. */
export interface Shipment {
  readonly transactionId: string;
  /** Who paid; WeChat compares. */
  readonly payerOpenid: string;
  readonly logisticsType: keyof typeof logisticsTypes;
  /** Both for `express` only; the company as WeChat abbreviates it, such as `SF`. */
  readonly trackingNo?: string;
  readonly expressCompany?: string;
  /** What the payer reads; cut to 120 characters. */
  readonly itemDescription: string;
  /** The receiver's phone as `138****8000`; SF Express wants it. */
  readonly contactMasked?: string;
  /** Keep it with the shipment and give it again: WeChat takes what differs for another shipment. */
  readonly uploadedAt: Date;
}

/**
 * `unchanged`: WeChat has it already. `not_yet_known`: WeChat's order service has not heard of the payment; it does some
 * 10 to 60 s after it. `refused`: no repeat helps, a person has to look at the shipment.
 */
export type ShippingOutcome =
  | { readonly status: 'uploaded' | 'unchanged' | 'not_yet_known' }
  | { readonly status: 'refused'; readonly errcode: number; readonly reason: string };

const notYetKnown = 10060001;
/** Shipped completely before; not different from before. */
const unchanged = [10060002, 10060023];
/** WeChat's own trouble, and two writes of one order at a time. */
const busy = [10060012, 10060019];

/**
 * Tells WeChat that goods have been sent (发货信息管理): until then it keeps the merchant's money. A payment may be shipped
 * once more with other details, no third time.
 */
@Injectable()
export class ShippingInfo {
  constructor(private readonly api: MiniProgramApi) {}

  /**
   * Repeatable with the same shipment.
   * @throws WechatUnavailable, WechatThrottled (try later); WechatMisconfigured, WechatRefused
   */
  upload(shipment: Shipment): Promise<ShippingOutcome> {
    const path = '/wxa/sec/order/upload_shipping_info';
    const post = { operation: 'shipping_upload', path, content: toWire(shipment) } as const;
    return this.api.call(post, ({ outcome }) => toOutcome(outcome));
  }
}

function toOutcome(outcome: ApiOutcome): ShippingOutcome {
  const { errcode, errmsg } = outcome;
  if (unchanged.includes(errcode)) return { status: 'unchanged' };
  if (errcode === notYetKnown) return { status: 'not_yet_known' };
  if (busy.includes(errcode)) throw new WechatUnavailable(`WeChat is busy at shipping_upload: ${errcode}`);
  if (isAboutShipping(errcode)) return { status: 'refused', errcode, reason: errmsg.slice(0, 200) };
  assertOk('shipping_upload', outcome);
  return { status: 'uploaded' };
}

/** WeChat numbers what it finds wrong with a shipment in these two ranges. */
function isAboutShipping(errcode: number): boolean {
  return (errcode > 10060000 && errcode < 10061000) || (errcode >= 268485000 && errcode < 268486000);
}

function toWire(shipment: Shipment): object {
  const { trackingNo, expressCompany, itemDescription, contactMasked } = shipment;
  const parcel = {
    tracking_no: trackingNo,
    express_company: expressCompany,
    item_desc: cut(itemDescription, 120),
    contact: contactMasked === undefined ? undefined : { receiver_contact: contactMasked },
  };
  return {
    order_key: { order_number_type: 2, transaction_id: shipment.transactionId },
    logistics_type: logisticsTypes[shipment.logisticsType],
    delivery_mode: 1,
    shipping_list: [parcel],
    upload_time: `${inBeijing(shipment.uploadedAt)}+08:00`,
    payer: { openid: shipment.payerOpenid },
  };
}
