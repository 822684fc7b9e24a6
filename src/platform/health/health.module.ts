import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { Readiness } from './readiness.js';

/**
 * Probes on the public port, by Terminus: /livez, /readyz, /startupz.
 * Promise: 503 only when PostgreSQL or its migrations are missing or the process is draining; Redis down is `degraded`.
 */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [Readiness],
})
export class HealthModule {}
