import type { Page } from '../../kernel/page.js';

/** Units of one SKU, a positive integer. */
export interface StockLine {
  readonly skuId: string;
  readonly quantity: number;
}

/**
 * Units that exist (on hand) and units promised to unpaid orders (reserved). SKU ids and references are opaque here;
 * a reference (an order) reserves once and is settled once, either by `commit` or by `release`.
 * Every call joins the caller's transaction; alone it is atomic. Rows are locked in SKU order.
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

/**
 * The view with `sku_id` and `available`, for read models of other modules that would otherwise ask `Stock` after they
 * have asked their own tables: `available` is what `availability` says, and a SKU nobody ever stocked is absent. To be
 * joined by `sku_id`, and neither written nor locked.
 */
export const skuAvailability = 'sku_availability';

export interface StockLevel {
  readonly onHand: number;
  readonly reserved: number;
}

/** Units that came (`delta` > 0) or are gone (`delta` < 0) otherwise than by a sale, and what somebody says why. */
export interface StockChange {
  readonly skuId: string;
  readonly delta: number;
  readonly reason: string;
  readonly actorId: string;
}

export type MovementKind = 'receive' | 'adjust' | 'reserve' | 'commit' | 'release' | 'return';

/** One line of the ledger. */
export interface StockMovement {
  /** Where it stands in the ledger: of one SKU, later lines have higher ones. */
  readonly position: number;
  /** What it was for: an order, or the change itself. */
  readonly reference: string;
  readonly kind: MovementKind;
  readonly onHandDelta: number;
  readonly reservedDelta: number;
  /** Of adjustments. */
  readonly reason?: string;
  readonly actorId?: string;
  readonly at: Date;
}

/** `limit` lines before `before`, which is the position of the last line seen. */
export interface LedgerQuery {
  readonly limit: number;
  readonly before: number | null;
}

/** The stock as those see it who look after it. Whether a SKU exists is for the caller to know. */
export abstract class StockDesk {
  /** Nothing on hand and nothing reserved for a SKU that was never stocked. */
  abstract getLevel(skuId: string): Promise<StockLevel>;

  /**
   * Changes what is on hand and writes its line, in the caller's transaction or one of its own. What is reserved has
   * been promised and stays. Returns the level after it.
   * @throws StockBelowReserved (conflict), StockTooLarge (unprocessable), and nothing has changed
   */
  abstract adjust(change: StockChange): Promise<StockLevel>;

  /** Newest first; one index range. */
  abstract listMovements(skuId: string, query: LedgerQuery): Promise<Page<StockMovement>>;
}
