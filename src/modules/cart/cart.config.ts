import { configSlice } from '../../platform/config/config-slice.js';
import { int } from '../../platform/config/fields.js';

export class CartConfig extends configSlice('cart', {
  maxLines: int(1, 500).default(100).describe('most different SKUs in one cart'),
}) {}
