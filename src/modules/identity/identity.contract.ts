/** Who pays, as WeChat Pay wants to know it. */
export interface Payer {
  readonly appId: string;
  readonly openid: string;
}

/** What other modules may ask about shoppers. */
export abstract class Shoppers {
  /** One indexed read. A user id comes from a verified token, so an unknown one is a defect, not an answer. */
  abstract getPayer(userId: string): Promise<Payer>;
}

/** Where to send it; the words are those of `wx.chooseAddress`. */
export interface ShippingAddress {
  readonly userName: string;
  readonly telNumber: string;
  readonly provinceName: string;
  readonly cityName: string;
  readonly countyName: string;
  readonly detailInfo: string;
  readonly postalCode?: string;
  readonly nationalCode?: string;
}

/** Where an order goes, and who pays for it. */
export interface AddressAndPayer {
  readonly address: ShippingAddress;
  readonly payer: Payer;
}

export abstract class AddressBook {
  /**
   * One indexed read.
   * @throws AddressNotFound for an unknown address and for one of somebody else, without telling which.
   */
  abstract getAddressAndPayer(userId: string, addressId: string): Promise<AddressAndPayer>;
}

/** Keys for tokens that others sign, from the one secret that operators keep (`auth.jwtSecret`). */
export abstract class SigningKeys {
  /** 32 bytes, the same in every process. A key of one purpose neither signs nor reveals anything of another (RFC 5869). */
  abstract derive(purpose: string): Buffer;
}
