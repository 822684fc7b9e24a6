/** What a shopper has put aside; prices and availability are looked up when needed, never stored. */
export interface CartEntry {
  readonly skuId: string;
  readonly quantity: number;
}

export abstract class Carts {
  /** In the order they were added. */
  abstract listEntries(userId: string): Promise<readonly CartEntry[]>;

  /**
   * Takes exactly these entries out of the cart, in the caller's transaction. False, and the caller rolls back, when
   * one is gone or has another quantity by now: somebody else ordered or changed it meanwhile.
   */
  abstract takeEntries(userId: string, entries: readonly CartEntry[]): Promise<boolean>;
}
