import { Global, Module } from '@nestjs/common';
import { IdempotencyRepository } from './idempotency.repository.js';
import { Idempotency } from './idempotency.js';

/**
 * `Idempotency-Key`: a retried request has one effect and gets the first answer's bytes.
 * Promise: key, effect and answer share one PostgreSQL transaction; keys are kept for 24 hours.
 */
@Global()
@Module({ providers: [IdempotencyRepository, Idempotency], exports: [Idempotency] })
export class IdempotencyModule {}
