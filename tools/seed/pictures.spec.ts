import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { categories, products } from './catalogue.ts';
import { drawPictures } from './pictures.ts';

describe('pictures', () => {
  let mediaRoot: string;
  beforeAll(async () => {
    mediaRoot = await mkdtemp(join(tmpdir(), 'minnow-media-'));
    await drawPictures(mediaRoot, 50);
  });
  afterAll(() => rm(mediaRoot, { recursive: true }));

  const shown = [
    ...Array.from(products(50), product => [product.imagePath, product.noun] as const),
    ...categories.map(category => [`/media/categories/${category.slug}.svg`, category.name] as const),
  ];

  it.each(shown)('are where the catalogue says, small, and say what they show: %s %s', async (path, text) => {
    const file = join(mediaRoot, path.replace('/media/', ''));
    expect((await stat(file)).size).toBeLessThan(2_048);
    const svg = await readFile(file, 'utf8');
    expect(svg).toContain(`>${text}</text>`);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('are not drawn again over what is there', async () => {
    const file = join(mediaRoot, 'categories/fruit.svg');
    await writeFile(file, 'mine');
    await drawPictures(mediaRoot, 50);
    expect(await readFile(file, 'utf8')).toBe('mine');
  });
});
