/** What Fastify makes a serializer of. */
const text = { type: 'string' };
const integer = { type: 'integer' };
const spec = { type: 'object', properties: { name: text, value: text } };
const sku = {
  type: 'object',
  properties: {
    id: text,
    name: text,
    specs: { type: 'array', items: spec },
    priceFen: integer,
    available: integer,
    imageUrl: text,
  },
};
export const detail = {
  type: 'object',
  properties: {
    id: text,
    name: text,
    subtitle: text,
    imageUrl: text,
    priceFen: integer,
    marketPriceFen: integer,
    sales: integer,
    categoryId: text,
    description: text,
    imageUrls: { type: 'array', items: text },
    skus: { type: 'array', items: sku },
  },
};
