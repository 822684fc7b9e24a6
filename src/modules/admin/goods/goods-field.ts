import { z } from 'zod';
import { maxFen } from '../../../kernel/money.js';

/** Malformed ids answer 404 like unknown ones. */
export const goodsId = z.string().max(64);

/** A file below /media: no other host, no way up, nothing that a browser would run. */
export const imagePath = z
  .string()
  .max(200)
  .regex(/^\/media\/([a-zA-Z0-9_-]+\/)*[a-zA-Z0-9_-]+\.(svg|png|jpe?g|webp)$/);

/** The same, or nothing: none, or no longer one. */
export const optionalImagePath = z
  .string()
  .max(200)
  .regex(/^(\/media\/([a-zA-Z0-9_-]+\/)*[a-zA-Z0-9_-]+\.(svg|png|jpe?g|webp))?$/)
  .describe('empty for none');

export const position = z
  .int()
  .min(0)
  .max(9_999)
  .describe('place in its list, lowest first; the end if absent');
export const priceFen = z.int().min(1).max(maxFen);
export const saleStatus = z.enum(['on_sale', 'withdrawn']);
