import { Global, Module } from '@nestjs/common';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { CachedAnswers } from './cached/cached-answers.js';
import { ManagementServer } from './management.server.js';
import { PingController } from './ping.controller.js';
import { requestDurationProvider, RequestMetrics } from './request-metrics.js';

/**
 * The edge: the only folder that knows Fastify. Request context, access log, metrics, problem+json, validation,
 * cached answers, conditional GET, compression, static files and the management listener.
 */
@Global()
@Module({
  imports: [RateLimitModule],
  controllers: [PingController],
  providers: [requestDurationProvider, RequestMetrics, ManagementServer, CachedAnswers],
  exports: [RequestMetrics, ManagementServer, CachedAnswers],
})
export class HttpModule {}
