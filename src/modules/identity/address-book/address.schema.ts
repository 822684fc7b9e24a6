import { z } from 'zod';
import type { Page } from '../../../kernel/page.js';
import type { ShippingAddress } from '../identity.contract.js';
import { bilingual } from '../../../platform/http/problem/bilingual.js';
import {
  droppedText,
  optionalText,
  someChange,
  visibleText,
} from '../../../platform/http/input/input-fields.js';
import { pageQuery } from '../../../platform/http/input/page-query.js';
import type { AddressEntity } from './address.entity.js';

const notAPhone = bilingual('不是电话号码', 'not a phone number');

/** As people write it: at least 5 digits, with blanks, hyphens and parentheses between; full width becomes half. */
const telNumber = z
  .string()
  .trim()
  // Before and after, for normalisation may lengthen: a megabyte is not worth it, and the column holds 20.
  .max(20, { abort: true })
  .normalize('NFKC')
  .min(5)
  .max(20)
  .regex(/^\+?(?:[() -]*\d){5,}\)?$/, notAPhone);

/** As wx.chooseAddress gives it. Some cities have no counties, and old address books no postal codes. */
export const createAddress = z.strictObject({
  userName: visibleText(64),
  telNumber,
  provinceName: visibleText(64),
  cityName: visibleText(64),
  countyName: optionalText(64),
  detailInfo: visibleText(200),
  postalCode: optionalText(16).optional(),
  nationalCode: optionalText(16).optional(),
  isDefault: z.boolean().optional(),
  errMsg: droppedText(512),
  streetName: droppedText(512),
  detailInfoNew: droppedText(512),
});
export type CreateAddressInput = z.output<typeof createAddress>;

export const updateAddress = someChange(createAddress.partial());
export type UpdateAddressInput = z.output<typeof updateAddress>;

/** Any text: a malformed id is as unknown as any other. */
export const addressId = z.string().max(64);

export const listAddresses = z.strictObject(pageQuery(50));
export type ListAddressesQuery = z.output<typeof listAddresses>;

export const addressView = z.object({
  id: z.string(),
  userName: z.string(),
  telNumber: z.string(),
  provinceName: z.string(),
  cityName: z.string(),
  countyName: z.string(),
  detailInfo: z.string(),
  postalCode: z.string().optional(),
  nationalCode: z.string().optional(),
  isDefault: z.boolean(),
});
export type AddressView = z.output<typeof addressView>;

export const addressPage = z.object({ items: z.array(addressView), nextCursor: z.string().optional() });
export type AddressPage = Page<AddressView>;

export function toShippingAddress(
  address: Omit<AddressEntity, 'id' | 'userId' | 'isDefault'>,
): ShippingAddress {
  const { userName, telNumber, provinceName, cityName, countyName, detailInfo, postalCode, nationalCode } =
    address;
  return {
    userName,
    telNumber,
    provinceName,
    cityName,
    countyName,
    detailInfo,
    ...(postalCode === null ? {} : { postalCode }),
    ...(nationalCode === null ? {} : { nationalCode }),
  };
}

export function toAddressView(address: AddressEntity): AddressView {
  return { id: address.id, ...toShippingAddress(address), isDefault: address.isDefault };
}
