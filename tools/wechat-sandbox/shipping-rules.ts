import { isRecord } from './rules.ts';

type JsonBody = Readonly<Record<string, unknown>>;

/** Says the errcode of what is wrong, or nothing. */
type Check = (body: JsonBody) => number | undefined;

const EXPRESS = 1;
const UNIFIED = 1;
const SPLIT = 2;
const MAX_PARCELS = 15;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const record = (value: unknown): JsonBody => (isRecord(value) ? value : {});

const orderKey: Check = body => {
  const key = record(body['order_key']);
  if (key['order_number_type'] === 2) return isText(key['transaction_id']) ? undefined : 268485195;
  if (key['order_number_type'] !== 1) return 268485194;
  if (!isText(key['mchid'])) return 268485196;
  return isText(key['out_trade_no']) ? undefined : 268485197;
};

const kind: Check = ({ logistics_type: logistics, delivery_mode: mode, is_all_delivered: isAll }) => {
  if (![1, 2, 3, 4].some(type => type === logistics)) return 10060014;
  if (mode !== UNIFIED && mode !== SPLIT) return 268485224;
  if (mode === UNIFIED) return undefined;
  if (logistics !== EXPRESS) return 10060006;
  return typeof isAll === 'boolean' ? undefined : 10060007;
};

const parcels: Check = body => {
  const list: unknown = body['shipping_list'];
  if (!Array.isArray(list)) return 47001;
  if (list.length === 0 || (body['delivery_mode'] === UNIFIED && list.length !== 1)) return 268485228;
  if (list.length > MAX_PARCELS) return 10060024;
  for (const parcel of list) {
    const errcode = refuseParcel(record(parcel), body['logistics_type'] === EXPRESS);
    if (errcode) return errcode;
  }
  return undefined;
};

function refuseParcel(parcel: JsonBody, isExpress: boolean): number | undefined {
  const { item_desc: description } = parcel;
  if (!isText(description)) return 10060008;
  if (description.length > 120) return 10060009;
  return isExpress ? refuseCarrier(parcel) : undefined;
}

function refuseCarrier({
  tracking_no: number,
  express_company: company,
  contact,
}: JsonBody): number | undefined {
  if (!isText(number)) return 268485226;
  if (!isText(company)) return 268485227;
  if (Buffer.byteLength(company) > 128) return 10060025;
  if (Buffer.byteLength(number) > 128) return 10060026;
  if (contact === undefined) return company === 'SF' ? 10060014 : undefined;
  const { receiver_contact: receiver, consignor_contact: consignor } = record(contact);
  const isMasked = [receiver, consignor].some(phone => isText(phone) && /\*.*\d{4}$/.test(phone));
  return isMasked ? undefined : 10060014;
}

const uploadTime: Check = ({ upload_time: time }) => {
  const isTime = isText(time) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)$/.test(time);
  return isTime && !Number.isNaN(Date.parse(time)) ? undefined : 268485216;
};

/** What is wrong with a shipment by itself. The numbers of empty fields within `order_key` are our reading. */
export function refuseShipping(body: JsonBody): number | undefined {
  for (const check of [orderKey, kind, parcels, uploadTime]) {
    const errcode = check(body);
    if (errcode) return errcode;
  }
  return undefined;
}

/** A shipment whose form was accepted. */
export interface ShippingBody {
  readonly order_key:
    | { readonly order_number_type: 1; readonly mchid: string; readonly out_trade_no: string }
    | { readonly order_number_type: 2; readonly transaction_id: string };
  readonly logistics_type: 1 | 2 | 3 | 4;
  readonly delivery_mode: 1 | 2;
  readonly is_all_delivered?: boolean;
  readonly shipping_list: readonly JsonBody[];
  readonly upload_time: string;
  readonly payer?: { readonly openid?: string };
}
