import { z } from 'zod';
import { maxFen, type Fen } from '../../kernel/money.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import { bilingual } from '../../platform/http/problem/bilingual.js';
import { visibleText } from '../../platform/http/input/input-fields.js';

/** One line of an order as a coupon sees it. */
export interface CouponLine {
  readonly productId: string;
  readonly categoryId: string;
  readonly priceFen: Fen;
  readonly quantity: number;
}

/** What the order does with a shopper's coupon. A coupon serves one order at a time, an order takes one coupon. */
export abstract class Coupons {
  /**
   * What each line costs less with this coupon, as of now: whole fen, from 0 to what the line costs, and all lines
   * together still cost at least 1 fen. A look without a promise: only `redeem` takes the coupon. Never changes for a
   * coupon and lines, except by their time.
   * @throws CouponNotFound for an unknown coupon and for one of somebody else; CouponNotUsable with the reason
   */
  abstract quote(userId: string, couponId: string, lines: readonly CouponLine[]): Promise<readonly Fen[]>;

  /**
   * Takes the coupon for this order, in the caller's transaction and after its order row. One conditional update: of
   * several orders at once one gets it.
   * @throws CouponNotUsable, so that the caller's transaction rolls back; CouponNotFound
   */
  abstract redeem(userId: string, couponId: string, orderId: string): Promise<void>;

  /**
   * What the order took is its owner's again, in the caller's transaction; past its time it is merely expired. Repeating
   * it, or releasing an order that took none, changes nothing.
   */
  abstract release(orderId: string): Promise<void>;
}

const fen = () => z.int().min(1).max(maxFen);
const ids = () => z.array(z.string().min(1).max(64)).min(1).max(100);
const time = () => z.iso.datetime({ offset: true }).max(40);

const templateFields = z.strictObject({
  name: visibleText(40),
  minimumFen: z.int().min(0).max(maxFen).describe('what the goods it is for must be worth; 0: anything'),
  amountFen: fen().optional().describe('either this is taken off'),
  percentOff: z.int().min(1).max(99).optional().describe('or this much of what the goods are worth'),
  capFen: fen().optional().describe('a percentage takes no more than this off'),
  categoryIds: ids().optional().describe('for goods of these categories only'),
  productIds: ids().optional().describe('for these products only'),
  total: z.int().min(1).max(10_000_000),
  perUserLimit: z.int().min(1).max(100).default(1),
  claimFrom: time(),
  claimUntil: time(),
  validFrom: time().optional().describe('either usable from here'),
  validUntil: time().optional().describe('until here'),
  validDays: z.int().min(1).max(3_650).optional().describe('or for so many days from the claim'),
});
type TemplateFields = z.output<typeof templateFields>;

interface TemplateRule {
  readonly path: keyof TemplateFields;
  readonly isBroken: (fields: TemplateFields) => boolean;
  readonly message: string;
}

/** What no field can say alone. */
const templateRules: readonly TemplateRule[] = [
  {
    path: 'amountFen',
    isBroken: ({ amountFen, percentOff }) => (amountFen === undefined) === (percentOff === undefined),
    message: bilingual('amountFen 与 percentOff 必须且只能提供一个', 'either amountFen or percentOff'),
  },
  {
    path: 'capFen',
    isBroken: ({ capFen, percentOff }) => capFen !== undefined && percentOff === undefined,
    message: bilingual('capFen 只用于 percentOff', 'capFen goes with percentOff'),
  },
  {
    path: 'productIds',
    isBroken: ({ categoryIds, productIds }) => categoryIds !== undefined && productIds !== undefined,
    message: bilingual('categoryIds 与 productIds 最多提供一个', 'not both categoryIds and productIds'),
  },
  {
    path: 'claimUntil',
    isBroken: ({ claimFrom, claimUntil }) => !isBefore(claimFrom, claimUntil),
    message: bilingual('必须晚于 claimFrom', 'must be later than claimFrom'),
  },
  {
    path: 'validUntil',
    isBroken: ({ validFrom, validUntil, validDays }) =>
      [validFrom, validUntil].some(at => (at === undefined) === (validDays === undefined)),
    message: bilingual(
      '需要 validFrom 和 validUntil，或 validDays',
      'validFrom and validUntil, or validDays',
    ),
  },
  {
    path: 'validUntil',
    isBroken: ({ validFrom, validUntil, claimUntil }) =>
      validUntil !== undefined &&
      ((validFrom !== undefined && !isBefore(validFrom, validUntil)) || isBefore(validUntil, claimUntil)),
    message: bilingual(
      '必须晚于 validFrom，且不早于 claimUntil',
      'must be later than validFrom and not before claimUntil',
    ),
  },
];

/** A body for the merchant's routes. */
export const couponTemplateInput = templateFields.superRefine((fields, context) => {
  for (const { path, isBroken, message } of templateRules)
    if (isBroken(fields)) context.addIssue({ code: 'custom', path: [path], message });
});
export type CouponTemplateInput = z.output<typeof couponTemplateInput>;

/** How every view tells what a coupon takes off, and of what. */
export const couponTerms = {
  name: z.string(),
  minimumFen: z.int(),
  amountFen: z.int().optional(),
  percentOff: z.int().optional(),
  capFen: z.int().optional(),
  categoryIds: z.array(z.string()).optional(),
  productIds: z.array(z.string()).optional(),
};

/** As its merchant sees it. `claimed` coupons of `total` are given out, `used` of them belong to an order now. */
export const couponTemplateView = z.object({
  id: z.string(),
  ...couponTerms,
  total: z.int(),
  perUserLimit: z.int(),
  claimed: z.int(),
  used: z.int(),
  claimFrom: z.iso.datetime(),
  claimUntil: z.iso.datetime(),
  validFrom: z.iso.datetime().optional(),
  validUntil: z.iso.datetime().optional(),
  validDays: z.int().optional(),
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
});
export type CouponTemplateView = z.output<typeof couponTemplateView>;

/** What a merchant does with coupons. Every call joins the caller's transaction. */
export abstract class CouponTemplates {
  /** @throws CouponScopeUnknown naming the categories or products that the catalogue does not know */
  abstract create(input: CouponTemplateInput): Promise<CouponTemplateView>;

  /**
   * Replaces everything about a template that nobody has claimed of yet: nobody's coupon changes in their hands.
   * @throws CouponTemplateFixed (conflict), CouponTemplateNotFound, CouponScopeUnknown
   */
  abstract replace(templateId: string, input: CouponTemplateInput): Promise<CouponTemplateView>;

  /**
   * Nobody can claim any more; what is claimed stays good. Repeating it changes nothing.
   * @throws CouponTemplateNotFound
   */
  abstract end(templateId: string): Promise<CouponTemplateView>;

  /** @throws CouponTemplateNotFound */
  abstract get(templateId: string): Promise<CouponTemplateView>;

  /** As `get`, and nobody else changes or claims of it until the caller's transaction ends. @throws CouponTemplateNotFound */
  abstract lock(templateId: string): Promise<CouponTemplateView>;

  /** Newest first, all of them. Costs one count of used coupons, by index, a template. */
  abstract list(request: PageRequest): Promise<Page<CouponTemplateView>>;
}

function isBefore(a: string, b: string): boolean {
  return Date.parse(a) < Date.parse(b);
}
