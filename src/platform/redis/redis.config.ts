import { configSlice } from '../config/config-slice.js';
import { connectionUrl, duration, text } from '../config/fields.js';

export class RedisConfig extends configSlice('redis', {
  url: connectionUrl(/^rediss?$/, 'redis://127.0.0.1:6379')
    .meta({ env: 'REDIS_URL', secret: true })
    .describe('Redis that may lose data: access tokens, cached values'),
  keyPrefix: text().default('minnow').describe('first part of every key this shop writes'),
  connectTimeout: duration({ min: '10ms' }).prefault('1s').describe('longest wait for a connection'),
  commandTimeout: duration({ min: '10ms' })
    .prefault('500ms')
    .describe('longest wait for an answer; then the caller goes on without Redis'),
  retryDelayMax: duration({ min: '10ms' }).prefault('2s').describe('longest pause between reconnects'),
}) {}
