/** What a shopper has put aside; prices and availability are looked up when needed, never stored. */
export interface CartEntry {
  readonly skuId: string;
  readonly quantity: number;
}

export abstract class Carts {
  /** In the order they were added. */
  abstract listEntries(userId: string): Promise<readonly CartEntry[]>;

  /** Joins the caller's transaction; SKUs that are not in the cart are ignored. */
  abstract removeEntries(userId: string, skuIds: readonly string[]): Promise<void>;
}
