import { Module } from '@nestjs/common';
import { ManagementServer } from './management.server.js';
import { PingController } from './ping.controller.js';
import { requestDurationProvider, RequestMetrics } from './request-metrics.js';

/**
 * The edge: the only folder that knows Fastify. Request context, access log, metrics, problem+json, validation,
 * conditional GET, compression, static files and the management listener.
 */
@Module({
  controllers: [PingController],
  providers: [requestDurationProvider, RequestMetrics, ManagementServer],
  exports: [RequestMetrics, ManagementServer],
})
export class HttpModule {}
