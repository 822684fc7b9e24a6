/**
 * Goods of one kind. Words are separated by spaces. Every style suits every noun, so that any pair reads like
 * something a shop sells; at most 6 combinations of specs.
 */
export interface Kind {
  readonly styles: string;
  readonly nouns: string;
  readonly subtitles: string;
  /** Price of the smallest SKU, in yuan. */
  readonly yuan: readonly [low: number, high: number];
  /** Name of a spec → its values, each with its price compared with the first: `小号 大号*1.6`. */
  readonly specs: Readonly<Record<string, string>>;
}

export interface Category {
  readonly slug: string;
  readonly name: string;
  /** The two colours of its pictures. */
  readonly colours: readonly [string, string];
  readonly kinds: readonly Kind[];
}
