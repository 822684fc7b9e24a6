/**
 * What a careful author writes without a framework around Fastify: a pool, two prepared reads side by side, an answer
 * serialized by its schema. No token, no validation, no log, no metrics.
 */
import { fastify } from 'fastify';
import pg from 'pg';
import { detail } from './detail-schema.ts';

interface Product {
  readonly id: string;
  readonly name: string;
  readonly subtitle: string | null;
  readonly imagePaths: readonly string[];
  readonly priceFen: number;
  readonly marketPriceFen: number | null;
  readonly sales: number;
  readonly categoryId: string;
  readonly description: string | null;
}

interface Sku {
  readonly id: string;
  readonly name: string;
  readonly specs: readonly object[];
  readonly priceFen: number;
  readonly imagePath: string | null;
  readonly available: number;
}

const baseUrl = process.env['PUBLIC_BASE_URL'] ?? '';
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10, min: 2 });
pool.on('error', () => undefined);

const productQuery = {
  name: 'product',
  text: `select id, name, subtitle, image_paths as "imagePaths", price_fen as "priceFen",
           market_price_fen as "marketPriceFen", sales, category_id as "categoryId", description
         from products where id = $1 and status = 'on_sale'`,
};
const skusQuery = {
  name: 'skus',
  text: `select sku.id, sku.name, sku.specs, sku.price_fen as "priceFen", sku.image_path as "imagePath",
           coalesce(stock.on_hand - stock.reserved, 0) as available
         from skus sku left join stock_items stock on stock.sku_id = sku.id
         where sku.product_id = $1 and sku.status = 'on_sale' order by sku.position, sku.id`,
};

const app = fastify({ keepAliveTimeout: 75_000 });
app.get('/readyz', () => 'ok');
app.get<{ Params: { id: string } }>(
  '/api/v1/products/:id',
  { schema: { response: { 200: detail } } },
  async (request, reply) => {
    const values = [request.params.id];
    const [products, skus] = await Promise.all([
      pool.query<Product>({ ...productQuery, values }),
      pool.query<Sku>({ ...skusQuery, values }),
    ]);
    const [product] = products.rows;
    return product ? toDetail(product, skus.rows) : reply.code(404).send();
  },
);
await app.listen({ port: Number(process.env['PORT']), host: '127.0.0.1' });
process.once('SIGTERM', () => process.exit(0));

function toDetail({ imagePaths, subtitle, marketPriceFen, description, ...product }: Product, skus: Sku[]) {
  return {
    ...product,
    subtitle: subtitle ?? undefined,
    imageUrl: `${baseUrl}${imagePaths[0]}`,
    marketPriceFen: marketPriceFen ?? undefined,
    description: description ?? undefined,
    imageUrls: imagePaths.map(path => baseUrl + path),
    skus: skus.map(({ imagePath, ...sku }) => ({
      ...sku,
      imageUrl: imagePath === null ? undefined : baseUrl + imagePath,
    })),
  };
}
