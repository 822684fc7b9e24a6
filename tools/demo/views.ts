/** What the journey reads of the answers: no more than a mini-program would. */

export interface LoginCode {
  readonly code: string;
}

export interface Session {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly user: { readonly id: string };
}

export interface Home {
  readonly categories?: readonly { readonly name: string }[];
  readonly hotProducts?: readonly { readonly name: string }[];
}

export interface ProductPage {
  readonly items: readonly { readonly id: string; readonly name: string }[];
}

export interface Sku {
  readonly id: string;
  readonly name: string;
  readonly priceFen: number;
  readonly available: number;
}

export interface Product {
  readonly name: string;
  readonly skus: readonly Sku[];
}

export interface Cart {
  readonly items: readonly unknown[];
  readonly totalFen: number;
}

export interface Offers {
  readonly items: readonly {
    readonly id: string;
    readonly name: string;
    readonly minimumFen: number;
    readonly categoryIds?: readonly string[];
    readonly productIds?: readonly string[];
  }[];
}

export interface Coupon {
  readonly id: string;
  readonly name: string;
  readonly validUntil: string;
}

export interface Preview {
  readonly amounts: {
    readonly itemsFen: number;
    readonly freightFen: number;
    readonly discountFen: number;
    readonly totalFen: number;
  };
}

export interface Order extends Preview {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly expiresAt?: string;
  readonly paidAt?: string;
}

export type ClientPayment = Readonly<
  Record<'timeStamp' | 'nonceStr' | 'package' | 'signType' | 'paySign', string>
>;

/** How WeChat's notices to the shop fared. */
export interface Deliveries {
  readonly items: readonly {
    readonly outTradeNo: string;
    readonly attempt: number;
    readonly status: number | string;
  }[];
}
