import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostTree, type Tree } from '@angular-devkit/schematics';
import { SchematicTestRunner, type UnitTestTree } from '@angular-devkit/schematics/testing/index.js';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { featureName } from './feature-name.js';

const root = join(import.meta.dirname, '../../..');
const prettierrc = readFileSync(join(root, 'config/prettier.json'), 'utf8');
const appModule = `import { Module } from '@nestjs/common';
import { CartModule } from './modules/cart/cart.module.js';
import { OrderModule } from './modules/order/order.module.js';
import { ConfigModule } from './platform/config/config.module.js';

@Module({
  imports: [
    CartModule,
    ConfigModule.forRoot({
      files: ['config/default.yaml', 'config/production.yaml', 'config/development.yaml', 'config/test.yaml'],
    }),
    OrderModule,
  ],
})
export class AppModule {
  static register() {
    return { module: AppModule, imports: [ConfigModule] };
  }
}
`;

/** A small house: modules, a table and a route whose names are not those of their module. */
function house(): Tree {
  const tree = new HostTree();
  tree.create('config/prettier.json', prettierrc);
  tree.create('src/app.module.ts', appModule);
  tree.create('src/modules/cart/cart.module.ts', 'export class CartModule {}');
  tree.create(
    'src/modules/cart/migrations/20990101000009-create.ts',
    'const sql = `create table cart_items ()`;',
  );
  tree.create(
    'src/modules/cart/put-aside.controller.ts',
    `@Controller('wishes')\nexport class PutAsideController {}`,
  );
  tree.create('test/integration/refund/refund.test.ts', '');
  return tree;
}

function generate(name: unknown, path?: string): Promise<UnitTestTree> {
  const runner = new SchematicTestRunner(
    '@minnow/schematics',
    join(import.meta.dirname, '../collection.json'),
  );
  return runner.runSchematic('feature', { name, path }, house());
}

describe('a feature', () => {
  it.each(['gift-card', 'giftCard', 'GiftCard', 'gift_card', ' gift card '])(
    'named %j is a gift card',
    name => {
      expect(featureName(name)).toMatchObject({
        kebab: 'gift-card',
        kebabs: 'gift-cards',
        snakes: 'gift_cards',
        camel: 'giftCard',
        pascal: 'GiftCard',
        pascals: 'GiftCards',
      });
    },
  );

  it.each([
    ['review', 'reviews'],
    ['category', 'categories'],
    ['box', 'boxes'],
    ['day', 'days'],
    ['branch', 'branches'],
    ['shelf', 'shelves'],
    ['person', 'people'],
    ['news', 'news'],
    ['product-series', 'product-series'],
    ['status', 'statuses'],
    ['address', 'addresses'],
    ['gift-box', 'gift-boxes'],
  ])('has a table and routes in the plural: %s, %s', (name, plural) => {
    expect(featureName(name).kebabs).toBe(plural);
  });

  it('is registered once, in its place, and nothing else of the app changes', async () => {
    const text = (await generate('gift-card')).readText('src/app.module.ts');
    const line = `import { GiftCardModule } from './modules/gift-card/gift-card.module.js';\n`;
    const after = `import { CartModule } from './modules/cart/cart.module.js';\n`;
    const expected = appModule
      .replace(after, after + line)
      .replace('    OrderModule,\n', '    OrderModule,\n    GiftCardModule,\n');
    expect(text).toBe(expected);
  });

  it.each(['box', 'category', 'class', 'quite-a-long-name-of-a-feature-as-it-can'])(
    '%s is formatted',
    async name => {
      const tree = await generate(name);
      const made = tree.files.filter(file => tree.readText(file) !== '' && file.includes(`/${name}/`));
      expect(made).toHaveLength(13);
      for (const file of made) {
        const text = tree.readText(file);
        expect(text).not.toMatch(/<%|__/);
        expect(text).toBe(await format(text, { ...JSON.parse(prettierrc), parser: 'typescript' }));
      }
    },
  );

  it('has a migration that runs after all others, even when the clock is behind', async () => {
    const migrations = (await generate('box')).files.filter(file => file.includes('-create-boxes.ts'));
    expect(migrations).toEqual(['/src/modules/box/migrations/20990101000010-create-boxes.ts']);
  });

  it.each([
    [undefined, 'named by a noun'],
    [0, 'named by a noun'],
    [1, `not '1'`],
    ['1x', `not '1x'`],
    ['Review!', `not 'Review!'`],
    ['../review', `not '../review'`],
    ['review/../../x', `not 'review/../../x'`],
    ['评价', `not '评价'`],
    ['-review', `not '-review'`],
    ['__proto__', 'named by a noun'],
    ['a', `'a' is shorter than 3`],
    ['ab', `'ab' is shorter than 3`],
    ['own', `'own' is a word of the house`],
    ['reviews', `'reviews' is plural; name one of them: review`],
    ['giftCards', `'gift-cards' is plural; name one of them: gift-card`],
    ['people', 'name one of them: person'],
    ['app', `'app' is a word of the house`],
    ['Platform', `'platform' is a word of the house`],
    ['service', `'service' is a word of the house`],
    ['a'.repeat(41), 'longer than 40'],
    ['cart', 'src/modules/cart exists already'],
    ['order', 'the class OrderModule belongs to src/app.module.ts already'],
    [
      'cart-item',
      'the table cart_items belongs to src/modules/cart/migrations/20990101000009-create.ts already',
    ],
    ['wish', 'the route /wishes belongs to src/modules/cart/put-aside.controller.ts already'],
    ['put-aside', 'the class PutAsideController belongs to'],
    ['refund', 'test/integration/refund exists already'],
  ])('cannot be %s, and says so in one line', async (name, why) => {
    const attempt = generate(name);
    await expect(attempt).rejects.toThrow(why);
    await expect(attempt).rejects.toThrow(/^nothing was made: .+$/);
  });

  it('lives nowhere but in its module', async () => {
    await expect(generate('review', 'src/platform')).rejects.toThrow(`leave 'src/platform' out`);
  });
});
