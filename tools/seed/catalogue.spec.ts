import { describe, expect, it } from 'vitest';
import { categories, demoProducts, products } from './catalogue.ts';

describe('the demo shop', () => {
  const shop = [...products(demoProducts)];

  it('is the same shop every time, whatever its size', () => {
    expect([...products(40)]).toEqual(shop.slice(0, 40));
  });

  it('has enough of everything to try a shop on', () => {
    expect(categories.length).toBeGreaterThanOrEqual(8);
    expect(shop.length).toBeGreaterThanOrEqual(520);
    expect(new Set(shop.map(product => product.category)).size).toBe(categories.length);
    const units = shop.flatMap(product => product.skus).map(sku => sku.units);
    expect(units.filter(count => count === 0).length).toBeGreaterThan(20);
    expect(units.filter(count => count > 0 && count <= 5).length).toBeGreaterThan(20);
    expect(shop.filter(product => !product.onSale).length).toBeGreaterThan(2);
  });

  it('never sells two things under one name or id', () => {
    expect(new Set(shop.map(product => product.name)).size).toBe(shop.length);
    const ids = shop.flatMap(product => [product.id, ...product.skus.map(sku => sku.id)]);
    expect(new Set(ids).size).toBe(ids.length);
    const names = Array.from(products(5_000), product => product.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(shop.filter((_, index) => index % 20 === 0))('prices $name as a shop would', product => {
    const onSale = product.skus.filter(sku => sku.onSale).map(sku => sku.priceFen);
    expect(product.skus.length).toBeGreaterThanOrEqual(1);
    expect(product.skus.length).toBeLessThanOrEqual(6);
    expect(product.priceFen).toBe(Math.min(...onSale));
    expect(product.marketPriceFen ?? Infinity).toBeGreaterThanOrEqual(product.priceFen);
    for (const priceFen of onSale) expect(priceFen % 100).toBe(90);
  });
});
