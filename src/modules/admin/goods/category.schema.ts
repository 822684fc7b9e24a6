import { z } from 'zod';
import { someChange, visibleText } from '../../../platform/http/input/input-fields.js';
import { optionalImagePath, position } from './goods-field.js';

export const createCategory = z.strictObject({
  name: visibleText(32),
  imagePath: optionalImagePath.optional(),
  position: position.optional(),
});
export type CreateCategoryInput = z.output<typeof createCategory>;

export const updateCategory = someChange(createCategory.partial());
export type UpdateCategoryInput = z.output<typeof updateCategory>;

export const categoryView = z.object({
  id: z.string(),
  name: z.string(),
  imagePath: z.string().optional(),
  position: z.int(),
});
export type CategoryView = z.output<typeof categoryView>;

export const categoryList = z.object({ items: z.array(categoryView) });
