/** What a shopper has put aside; prices and availability are looked up when needed, never stored. */
export interface CartLine {
  readonly skuId: string;
  readonly quantity: number;
}

export abstract class Carts {
  /** In the order they were added. */
  abstract listLines(userId: string): Promise<readonly CartLine[]>;

  /**
   * Takes exactly these lines out of the cart, in the caller's transaction. False, and the caller rolls back, when
   * one is gone or has another quantity by now: somebody else ordered or changed it meanwhile.
   */
  abstract takeLines(userId: string, lines: readonly CartLine[]): Promise<boolean>;
}
