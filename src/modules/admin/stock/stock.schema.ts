import { z } from 'zod';
import { lastPositionOf, type Page } from '../../../kernel/page.js';
import { bilingual } from '../../../platform/http/problem/bilingual.js';
import { visibleText } from '../../../platform/http/input/input-fields.js';
import { logQuery } from '../../../platform/http/input/page-query.js';
import type { StockLevel, StockMovement } from '../../inventory/inventory.contract.js';

const maxDelta = 1_000_000;

export const changeStock = z.strictObject({
  delta: z
    .int()
    .min(-maxDelta)
    .max(maxDelta)
    .refine(delta => delta !== 0, bilingual('不能为 0', 'must not be 0'))
    .describe('units that came, or with a minus are gone'),
  reason: visibleText(200).describe('for whoever reads the ledger: a delivery, a count, a breakage'),
});
export type ChangeStockInput = z.output<typeof changeStock>;

export const stockView = z.object({
  skuId: z.string(),
  onHand: z.int(),
  reserved: z.int(),
  available: z.int(),
});
export type StockView = z.output<typeof stockView>;

export const ledgerQuery = z.strictObject(logQuery());
export type LedgerQueryInput = z.output<typeof ledgerQuery>;

const movementView = z.object({
  kind: z.enum(['receive', 'adjust', 'reserve', 'commit', 'release', 'return']),
  reference: z.string().describe('the order, or the change itself'),
  onHandDelta: z.int(),
  reservedDelta: z.int(),
  reason: z.string().optional(),
  actorId: z.string().optional().describe('the member of staff who changed it'),
  at: z.iso.datetime(),
});

export const ledgerPage = z.object({ items: z.array(movementView), nextCursor: z.string().optional() });
export type LedgerPage = z.output<typeof ledgerPage>;

export function toStockView(skuId: string, { onHand, reserved }: StockLevel): StockView {
  return { skuId, onHand, reserved, available: onHand - reserved };
}

export function toLedgerQuery({ limit, cursor }: LedgerQueryInput) {
  return { limit, before: lastPositionOf(cursor) };
}

export function toLedgerPage({ items, nextCursor }: Page<StockMovement>): LedgerPage {
  return {
    items: items.map(({ at, ...movement }) => ({ ...movement, at: at.toISOString() })),
    nextCursor,
  };
}
