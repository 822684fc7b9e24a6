import { z } from 'zod';
import { someChange, visibleText } from '../../../platform/http/input/input-fields.js';
import { optionalImagePath, position, priceFen, saleStatus } from './goods-field.js';

const spec = z.strictObject({ name: visibleText(20), value: visibleText(50) });

export const createSku = z.strictObject({
  name: visibleText(64),
  specs: z.array(spec).max(10).optional(),
  priceFen,
  imagePath: optionalImagePath.optional(),
  position: position.optional(),
});
export type CreateSkuInput = z.output<typeof createSku>;

export const updateSku = someChange(createSku.partial());
export type UpdateSkuInput = z.output<typeof updateSku>;

export const skuView = z.object({
  id: z.string(),
  productId: z.string(),
  name: z.string(),
  specs: z.array(z.object({ name: z.string(), value: z.string() })),
  priceFen: z.int(),
  imagePath: z.string().optional(),
  position: z.int(),
  status: saleStatus,
});
export type SkuView = z.output<typeof skuView>;
