import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { WechatModule } from '../../platform/wechat/wechat.module.js';
import { AskWechat } from './ask-wechat.js';
import { CheckAgain } from './bill/check-again.js';
import { OurEntryRepository } from './bill/our-entry.repository.js';
import { ReconcileDay } from './bill/reconcile-day.js';
import { ReconcileDays } from './bill/reconcile-days.js';
import { ReconciliationRepository } from './bill/reconciliation.repository.js';
import { CapturePayment } from './capture-payment.js';
import { Payments, Refunds } from './payment.contract.js';
import { PaymentController } from './payment.controller.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentService } from './payment.service.js';
import { PollPayments } from './poll-payments.js';
import { ReceiveNotice } from './receive-notice.js';
import { GiveUpRefund } from './refund/give-up-refund.js';
import { PollRefunds } from './refund/poll-refunds.js';
import { RecordRefund } from './refund/record-refund.js';
import { RefundMetrics } from './refund/refund-metrics.js';
import { RefundPace } from './refund/refund-pace.js';
import { RefundConsumer } from './refund/refund.consumer.js';
import { refundQueue, SendRefund } from './refund/refund.jobs.js';
import { RefundRepository } from './refund/refund.repository.js';
import { RefundService } from './refund/refund.service.js';
import { SettleRefund } from './refund/settle-refund.js';
import { PrepayRequests } from './request/prepay-request.js';
import { RefundRequests } from './request/refund-request.js';

/**
 * Owns payments through WeChat Pay (JSAPI): opening, starting, capturing, closing, and giving back.
 * Promises: a payment is captured once, only on WeChat's signed word, and only if app, merchant, amount and payer match;
 * after `close` nobody can pay; a lost notice is found by asking; a refund happens once, and all of a payment never exceed
 * its capture; every day is compared with WeChat's bill. Knows nothing of orders: `reference` is opaque, news is
 * `payment.captured` and `refund.settled`.
 * Calls: WeChat Pay. Called by: order.
 */
@Module({
  imports: [WechatModule, QueueModule.forFeature(refundQueue, [SendRefund])],
  controllers: [PaymentController],
  providers: [
    PaymentRepository,
    PaymentService,
    AskWechat,
    CapturePayment,
    ReceiveNotice,
    PollPayments,
    PrepayRequests,
    RefundRepository,
    RefundService,
    RefundRequests,
    RecordRefund,
    SettleRefund,
    GiveUpRefund,
    RefundPace,
    RefundMetrics,
    PollRefunds,
    RefundConsumer,
    OurEntryRepository,
    ReconciliationRepository,
    CheckAgain,
    ReconcileDay,
    ReconcileDays,
    { provide: Payments, useExisting: PaymentService },
    { provide: Refunds, useExisting: RefundService },
  ],
  exports: [Payments, Refunds],
})
export class PaymentModule {}
