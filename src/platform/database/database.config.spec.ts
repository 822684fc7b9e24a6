import { describe, expect, it } from 'vitest';
import { loadSlice } from '../config/load-config.js';
import { DatabaseConfig, poolMaxOf } from './database.config.js';

const poolMax = (processes: number, cores: number, env = {}): number =>
  poolMaxOf(loadSlice(DatabaseConfig, { DATABASE_URL: 'postgres://nowhere', ...env }), processes, cores);

describe('the pool of one of several processes', () => {
  it('does not grow with their number beyond what PostgreSQL takes', () => {
    expect(poolMax(1, 8)).toBe(32);
    expect(poolMax(2, 8) * 2).toBe(32);
    expect(poolMax(8, 8) * 8).toBeLessThan(100);
  });

  it('is never too small to read and write at once', () => {
    expect(poolMax(64, 2)).toBe(10);
  });

  it('is what somebody says, whatever their number', () => {
    expect(poolMax(8, 8, { DATABASE_POOL_MAX: '3' })).toBe(3);
  });
});
