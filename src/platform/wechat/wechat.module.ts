import { Module } from '@nestjs/common';
import { makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Clock } from '../../kernel/clock.js';
import { AccessTokenSource } from './mini-program/access-token-source.js';
import { AccessTokenStore, RedisAccessTokenStore } from './mini-program/access-token-store.js';
import { AccessTokens } from './mini-program/access-token.js';
import { ApiWire } from './mini-program/api-wire.js';
import { ContentCheck } from './mini-program/content-check.js';
import { MessagePush } from './push/message-push.js';
import { MiniProgramApi } from './mini-program/mini-program-api.js';
import { MiniProgramClient } from './mini-program/mini-program-client.js';
import { PayApi } from './pay/pay-api.js';
import { PayBills } from './pay/pay-bills.js';
import { PayClient } from './pay/pay-client.js';
import { PayNoticeReader } from './pay/pay-notice.js';
import { PayRefunds } from './pay/pay-refunds.js';
import { BillWire, PayWire } from './pay/pay-wire.js';
import { PlatformKeys } from './pay/platform-keys.js';
import { ShippingInfo } from './mini-program/shipping-info.js';
import { SubscribeMessages } from './mini-program/subscribe-messages.js';
import { WechatConfig } from './wechat.config.js';
import { ApiHttp, BillHttp, PayHttp } from './wechat-http.js';
import { WechatMetrics, requestDurationMetric } from './wechat-metrics.js';

const requestDuration = makeHistogramProvider({
  name: requestDurationMetric,
  help: 'Time until WeChat answered an operation, repeats included',
  labelNames: ['operation', 'outcome'],
  buckets: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5],
});

const billWire = (config: WechatConfig, http: BillHttp, clock: Clock): BillWire =>
  new BillWire(config, http, clock);

/**
 * WeChat's servers: the mini-program API and WeChat Pay v3, behind `MiniProgramClient`, `ShippingInfo`,
 * `SubscribeMessages`, `ContentCheck`, `PayClient`, `PayRefunds` and `PayBills`; what WeChat pushes is read by
 * `MessagePush`.
 * Promise: no call outlives its time limit; nothing that WeChat Pay answers or anybody pushes is believed unless it is
 * signed; secrets, openids and phone numbers are never logged. Production code does not know the local stand-in: only
 * URLs and keys differ.
 * Needs Redis for sharing the access token, and goes on without it.
 */
@Module({
  providers: [
    requestDuration,
    WechatMetrics,
    ApiHttp,
    PayHttp,
    BillHttp,
    ApiWire,
    { provide: AccessTokenStore, useClass: RedisAccessTokenStore },
    AccessTokenSource,
    AccessTokens,
    MiniProgramApi,
    MiniProgramClient,
    ShippingInfo,
    SubscribeMessages,
    ContentCheck,
    PayWire,
    { provide: BillWire, inject: [WechatConfig, BillHttp, Clock], useFactory: billWire },
    PlatformKeys,
    PayApi,
    PayNoticeReader,
    PayClient,
    PayRefunds,
    PayBills,
    MessagePush,
  ],
  exports: [
    MiniProgramClient,
    ShippingInfo,
    SubscribeMessages,
    ContentCheck,
    PayClient,
    PayRefunds,
    PayBills,
    MessagePush,
  ],
})
export class WechatModule {}
