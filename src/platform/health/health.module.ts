import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { WechatModule } from '../wechat/wechat.module.js';
import { HealthController } from './health.controller.js';
import { OptionalServices, Readiness } from './readiness.js';

/**
 * Probes on the public port, by Terminus: /livez, /readyz, /startupz.
 * Promise: 503 only when PostgreSQL or its migrations are missing or the process is draining; Redis,
 * the queue or WeChat down is `degraded`.
 */
@Module({
  imports: [TerminusModule.forRoot({ logger: false }), WechatModule],
  controllers: [HealthController],
  providers: [Readiness, OptionalServices],
})
export class HealthModule {}
