import { food } from './food.ts';
import { leisure } from './leisure.ts';
import { living } from './living.ts';
import { between, pick, randomFrom, shuffled, stableId } from './random.ts';
import type { Category, Kind } from './vocabulary.ts';

export interface SeedSku {
  readonly id: string;
  readonly name: string;
  readonly specs: readonly { readonly name: string; readonly value: string }[];
  readonly priceFen: number;
  readonly onSale: boolean;
  readonly units: number;
}

export interface SeedProduct {
  readonly id: string;
  readonly category: Category;
  readonly name: string;
  readonly subtitle: string;
  readonly description: string;
  /** What its picture says. */
  readonly style: string;
  readonly noun: string;
  readonly imagePath: string;
  readonly priceFen: number;
  readonly marketPriceFen: number | null;
  readonly sales: number;
  readonly onSale: boolean;
  readonly createdAt: Date;
  readonly skus: readonly SeedSku[];
}

interface Good {
  readonly category: Category;
  readonly kind: Kind;
  readonly style: string;
  readonly noun: string;
}

type Random = () => number;

export const demoProducts = 560;

export const categories: readonly Category[] = [...food, ...living, ...leisure];

const opened = Date.UTC(2026, 0, 5);
const latest = Date.UTC(2026, 10, 20);
const editions = ['家庭版', '典藏版', '轻享版', '旅行版', '学生版', '联名版', '周年版', '节庆版'];

export function categoryId(category: Category): string {
  return stableId(opened, `category:${category.slug}`);
}

/** The first `count` products of an endless, always equal list; the first few hundred read like a real shop's. */
export function* products(count: number): Generator<SeedProduct> {
  const goods = allGoods();
  for (let index = 0; index < count; index++) {
    yield product(goods[index % goods.length]!, index, Math.floor(index / goods.length));
  }
}

/** Every style with every noun, the categories taking turns so that any number of products covers them all. */
function allGoods(): Good[] {
  const shelves = categories.map((category, index) => shuffled(randomFrom(index), goodsOf(category)));
  const longest = Math.max(...shelves.map(shelf => shelf.length));
  const rounds = Array.from({ length: longest }, (_, round) => shelves.flatMap(shelf => shelf[round] ?? []));
  return rounds.flat();
}

function goodsOf(category: Category): Good[] {
  return category.kinds.flatMap(kind =>
    words(kind.styles).flatMap(style => words(kind.nouns).map(noun => ({ category, kind, style, noun }))),
  );
}

function product(good: Good, index: number, edition: number): SeedProduct {
  const { category, kind, style, noun } = good;
  const random = randomFrom(index + 1_000);
  const createdAt = new Date(between(random, opened, latest));
  const name = edition === 0 ? style + noun : `${style}${noun} ${editionName(edition)}`;
  const subtitle = pick(random, words(kind.subtitles));
  const skus = skusOf(kind, index, createdAt, random);
  const priceFen = Math.min(...skus.filter(sku => sku.onSale).map(sku => sku.priceFen));
  return {
    id: stableId(createdAt.getTime(), `product:${index}`),
    category,
    name,
    subtitle,
    description: describe(name, subtitle, skus),
    style,
    noun,
    imagePath: `/media/products/${category.slug}-${String(index + 1).padStart(4, '0')}.svg`,
    priceFen,
    marketPriceFen: random() < 0.6 ? charm((priceFen / 100) * (1.15 + random() * 0.4)) : null,
    // Few best sellers, a long tail.
    sales: Math.floor(12_000 * random() ** 4),
    onSale: index % 97 !== 13,
    createdAt,
    skus,
  };
}

function editionName(edition: number): string {
  return `${editions[edition % editions.length]!}${Math.ceil(edition / editions.length)}号`;
}

function skusOf(kind: Kind, index: number, createdAt: Date, random: Random): SeedSku[] {
  const base = between(random, ...kind.yuan);
  const all = combinations(kind.specs);
  const offered = random() < 0.15 ? all.slice(0, 1) : all;
  const lastWithdrawn = index % 41 === 7 && offered.length > 1;
  return offered.map(({ specs, ratio }, position) => ({
    id: stableId(createdAt.getTime(), `sku:${index}:${position}`),
    name: specs.map(spec => spec.value).join(' '),
    specs,
    priceFen: charm(base * ratio),
    onSale: !(lastWithdrawn && position === offered.length - 1),
    units: unitsInStock(random),
  }));
}

function combinations(axes: Kind['specs']) {
  let result: { specs: { name: string; value: string }[]; ratio: number }[] = [{ specs: [], ratio: 1 }];
  for (const [name, values] of Object.entries(axes)) {
    result = result.flatMap(({ specs, ratio }) =>
      words(values).map(word => {
        const [value = '', times = '1'] = word.split('*');
        return { specs: [...specs, { name, value }], ratio: ratio * Number(times) };
      }),
    );
  }
  return result;
}

/** Some are sold out, some nearly: a shop where everything is there tests nothing. */
function unitsInStock(random: Random): number {
  const luck = random();
  if (luck < 0.04) return 0;
  return luck < 0.12 ? between(random, 1, 5) : between(random, 20, 500);
}

function describe(name: string, subtitle: string, skus: readonly SeedSku[]): string {
  const choices = skus.map(sku => sku.name).join('、');
  return `${name}，${subtitle}。\n可选：${choices}。\n付款后 48 小时内发货，收到商品有问题请联系客服。`;
}

/** 23.4 yuan becomes 22.90: prices end as prices do. */
function charm(yuan: number): number {
  return Math.round(yuan) * 100 - 10;
}

function words(text: string): string[] {
  return text.split(' ');
}
