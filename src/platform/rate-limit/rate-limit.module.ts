import { Module } from '@nestjs/common';
import { RateLimits } from './rate-limits.js';
import { SharedUsage } from './shared-usage.js';

/**
 * How often anybody may ask, counted in this process and shared over Redis (docs/decisions/0003-protection.md).
 * Promise: no request waits for a limit, and without Redis each process still holds its own.
 */
@Module({ providers: [SharedUsage, RateLimits], exports: [RateLimits] })
export class RateLimitModule {}
