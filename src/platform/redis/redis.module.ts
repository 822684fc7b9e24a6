import { Global, Module } from '@nestjs/common';
import { RedisConnection } from './redis-connection.js';

/**
 * One fail-fast Redis connection for things that may be lost.
 * Promise: a command never waits longer than `redis.commandTimeout`; with Redis away it rejects within a millisecond.
 */
@Global()
@Module({ providers: [RedisConnection], exports: [RedisConnection] })
export class RedisModule {}
