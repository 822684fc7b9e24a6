export interface Quantity {
  readonly skuId: string;
  readonly quantity: number;
}

/** One line a SKU, in order of first appearance: two lines of the same SKU must not pass a check one by one. */
export function addUp(lines: readonly Quantity[]): readonly Quantity[] {
  const quantities = new Map<string, number>();
  for (const { skuId, quantity } of lines) quantities.set(skuId, (quantities.get(skuId) ?? 0) + quantity);
  return Array.from(quantities, ([skuId, quantity]) => ({ skuId, quantity }));
}
