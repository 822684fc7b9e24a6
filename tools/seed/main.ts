/** `node tools/seed/main.ts`: a demo shop in the database of DATABASE_URL, its pictures in MEDIA_ROOT. Safe to repeat. */
import pg from 'pg';
import { demoProducts } from './catalogue.ts';
import { drawPictures } from './pictures.ts';
import { seedCatalog } from './seed-catalog.ts';
import { demoCoupons, seedCoupons } from './seed-coupons.ts';

const { DATABASE_URL: url, MEDIA_ROOT: mediaRoot } = process.env;

if (!url || !mediaRoot) {
  console.error('The seed needs DATABASE_URL and MEDIA_ROOT.');
  process.exit(1);
}

const client = new pg.Client({ connectionString: url, application_name: 'minnow-seed' });
try {
  await client.connect();
  const [seeded] = await Promise.all([seedCatalog(client), drawPictures(mediaRoot, demoProducts)]);
  const given = await seedCoupons(client);
  console.log(seeded ? `seeded ${demoProducts} products` : 'the shop has its products already');
  console.log(given ? `seeded ${demoCoupons.length} coupons` : 'the shop has its coupons already');
} catch (error) {
  console.error(reasonOf(error as Error & { readonly code?: string }));
  process.exitCode = 1;
} finally {
  await client.end();
}

/** 42P01: there is no such table. */
function reasonOf(error: Error & { readonly code?: string }): Error | string {
  if (error.code === '42P01') return 'The database has no tables yet: npm run db:migrate comes first.';
  return /^(E[A-Z]+|28|3D)/.test(error.code ?? '')
    ? `PostgreSQL at ${client.host}:${client.port} refuses: ${error.message || error.code}`
    : error;
}
