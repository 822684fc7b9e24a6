import { z } from 'zod';

/**
 * A rule that one field alone cannot state, e.g. "https in production". It is given the fields that are valid by
 * themselves and skips what is missing: that has been reported already.
 */
export interface SliceRule<Values> {
  (values: Partial<Values>, production: boolean, others: OtherSlices): readonly SliceProblem<Values>[];
}

/** For a rule between two slices: the valid fields of another one; none when it is not loaded. */
export interface OtherSlices {
  find<C extends ConfigSliceClass>(slice: C): Partial<InstanceType<C>>;
}

export interface SliceProblem<Values> {
  readonly field: keyof Values & string;
  readonly message: string;
}

type Values<Shape extends z.ZodRawShape> = Readonly<z.output<z.ZodObject<Shape>>>;

/** The static side of any configuration slice: what the loader and the documentation read. */
export interface ConfigSliceClass {
  new (values: never): object;
  readonly section: string;
  readonly shape: z.ZodRawShape;
  readonly rule: (
    values: never,
    production: boolean,
    others: OtherSlices,
  ) => readonly { readonly field: string; readonly message: string }[];
}

interface TypedSlice<Shape extends z.ZodRawShape> {
  new (values: Values<Shape>): Values<Shape>;
  readonly section: string;
  readonly shape: Shape;
  readonly rule: SliceRule<Values<Shape>>;
}

/**
 * One folder's configuration as an injectable class: `class OrderConfig extends configSlice('order', {…}) {}`.
 * A field `paymentTimeout` of section `order` is the YAML key `order.paymentTimeout` and the environment variable
 * `ORDER_PAYMENT_TIMEOUT`, unless its `.meta({ env })` names another variable.
 */
export function configSlice<Shape extends z.ZodRawShape>(
  section: string,
  shape: Shape,
  rule: SliceRule<Values<Shape>> = () => [],
): TypedSlice<Shape> {
  class ConfigSlice {
    static readonly section = section;
    static readonly shape = shape;
    static readonly rule = rule;

    constructor(values: Values<Shape>) {
      Object.assign(this, values);
      Object.freeze(this);
    }
  }
  return ConfigSlice as unknown as TypedSlice<Shape>;
}

export interface FieldMeta {
  readonly env: string;
  readonly secret: boolean;
  readonly description: string;
}

export function fieldMeta(slice: ConfigSliceClass, field: string): FieldMeta {
  const meta = (slice.shape[field] as z.ZodType).meta() ?? {};
  return {
    env: typeof meta['env'] === 'string' ? meta['env'] : envName(slice.section, field),
    secret: meta['secret'] === true,
    description: meta.description ?? '',
  };
}

function envName(section: string, field: string): string {
  return `${section}_${field.replace(/[A-Z]/g, letter => `_${letter}`)}`.toUpperCase();
}
