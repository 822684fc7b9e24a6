import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { categories, products } from './catalogue.ts';
import { randomFrom } from './random.ts';
import type { Category } from './vocabulary.ts';

/** A picture of every category and of the first `count` products below `mediaRoot`; existing files are kept. */
export async function drawPictures(mediaRoot: string, count: number): Promise<void> {
  await drawMissing(
    join(mediaRoot, 'categories'),
    categories.map((category, index) => [`${category.slug}.svg`, () => categoryPicture(category, index)]),
  );
  await drawMissing(
    join(mediaRoot, 'products'),
    Array.from(products(count), (product, index) => [
      basename(product.imagePath),
      () => picture(product.category, index, product.noun, product.style),
    ]),
  );
}

async function drawMissing(
  folder: string,
  drawings: readonly (readonly [string, () => string])[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const drawn = new Set(await readdir(folder));
  for (const [file, draw] of drawings) {
    if (!drawn.has(file)) await writeFile(join(folder, file), draw());
  }
}

function categoryPicture(category: Category, index: number): string {
  return picture(category, index, category.name, '');
}

/** About 1 KB: the category's colours, three soft circles that differ from product to product, and the name. */
function picture({ colours: [light, dark] }: Category, seed: number, title: string, label: string): string {
  const random = randomFrom(seed);
  const circle = (opacity: number) =>
    `<circle cx="${at(random, 400)}" cy="${at(random, 400)}" r="${60 + at(random, 110)}" fill="#fff" opacity="${opacity}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400">
<defs><linearGradient id="g" gradientTransform="rotate(${at(random, 90)} .5 .5)"><stop stop-color="${light}"/><stop offset="1" stop-color="${dark}"/></linearGradient></defs>
<rect width="400" height="400" fill="url(#g)"/>${circle(0.14)}${circle(0.12)}${circle(0.1)}
<g fill="#fff" text-anchor="middle" font-family="PingFang SC,Noto Sans CJK SC,Microsoft YaHei,sans-serif">
<text x="200" y="215" font-size="${fontSize(title)}" font-weight="600">${title}</text>
<text x="200" y="275" font-size="24" opacity=".9">${label}</text>
</g></svg>
`;
}

function at(random: () => number, size: number): number {
  return Math.round(random() * size);
}

/** The title fills the width, whether it has two characters or twelve; a latin letter is half as wide. */
function fontSize(title: string): number {
  const width = title.replaceAll(/[ -~]/g, '').length + (title.match(/[ -~]/g)?.length ?? 0) / 2;
  return Math.min(88, Math.floor(350 / width));
}
