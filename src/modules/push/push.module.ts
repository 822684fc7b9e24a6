import { Module } from '@nestjs/common';
import { WechatModule } from '../../platform/wechat/wechat.module.js';
import { PushController } from './push.controller.js';
import { PushService } from './push.service.js';

/**
 * Owns the one URL to which WeChat pushes messages and events of the mini-program; no tables.
 * Promises: only what WeChat has signed becomes the event `wechat.push-received`; WeChat gets its answer at once and
 * the work waits in a job of whoever listens. Nobody does yet, and an event without a job is not written: nothing
 * piles up. Listeners tell repetitions by `dedupeKey`.
 * Calls: no module.
 */
@Module({
  imports: [WechatModule],
  controllers: [PushController],
  providers: [PushService],
})
export class PushModule {}
