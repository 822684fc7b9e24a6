/** Units of one SKU, a positive integer. */
export interface StockLine {
  readonly skuId: string;
  readonly quantity: number;
}

/**
 * Units that exist (on hand) and units promised to unpaid orders (reserved). SKU ids and references are opaque here;
 * a reference (an order) reserves once and is settled once, either by `commit` or by `release`.
 * Every call joins the caller's transaction; alone it is one atomic statement. Rows are locked in SKU order.
 */
export abstract class Stock {
  /** Units that can be ordered now, by SKU. A SKU nobody ever stocked is absent. */
  abstract availability(skuIds: readonly string[]): Promise<ReadonlyMap<string, number>>;

  /**
   * A look without a promise, for previews: only `reserve` holds.
   * @throws InsufficientStock (conflict) naming every line that is short
   */
  abstract assertAvailable(lines: readonly StockLine[]): Promise<void>;

  /**
   * Holds all lines or none; lines of the same SKU add up.
   * @throws InsufficientStock (conflict) naming every line that is short, so that the caller's transaction rolls back
   */
  abstract reserve(reference: string, lines: readonly StockLine[]): Promise<void>;

  /** Held units leave the shop. False, and nothing changed, when the reference holds nothing (any more). */
  abstract commit(reference: string): Promise<boolean>;

  /** Held units can be ordered again. False, and nothing changed, when the reference holds nothing (any more). */
  abstract release(reference: string): Promise<boolean>;

  /**
   * Units that left the shop are on hand again; lines of the same SKU add up. False, and nothing changed, when this
   * reference has brought its units back before.
   */
  abstract takeBack(reference: string, lines: readonly StockLine[]): Promise<boolean>;
}
