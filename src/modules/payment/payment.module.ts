import { Module } from '@nestjs/common';
import { WechatModule } from '../../platform/wechat/wechat.module.js';
import { AskWechat } from './ask-wechat.js';
import { CapturePayment } from './capture-payment.js';
import { Payments } from './payment.contract.js';
import { PaymentController } from './payment.controller.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentService } from './payment.service.js';
import { PollPayments } from './poll-payments.js';
import { PrepayRequests } from './prepay-request.js';
import { ReceiveNotice } from './receive-notice.js';

/**
 * Owns payments through WeChat Pay (JSAPI): opening, starting, capturing, closing.
 * Promises: a payment is captured once, only on WeChat's signed word, and only if app, merchant, amount and payer match;
 * after `close` nobody can pay. Knows nothing of orders: `reference` is opaque, news is the event `payment.captured`.
 * Calls: WeChat Pay. Called by: order.
 */
@Module({
  imports: [WechatModule],
  controllers: [PaymentController],
  providers: [
    PaymentRepository,
    PaymentService,
    AskWechat,
    CapturePayment,
    ReceiveNotice,
    PollPayments,
    PrepayRequests,
    { provide: Payments, useExisting: PaymentService },
  ],
  exports: [Payments],
})
export class PaymentModule {}
