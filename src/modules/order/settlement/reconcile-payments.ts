import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks } from '../../../platform/queue/periodic-tasks.js';
import { QueueConfig } from '../../../platform/queue/queue.config.js';
import { Payments, type NamedCapture } from '../../payment/payment.contract.js';
import { OrderConfig } from '../order.config.js';
import { ApplyPaymentToOrder } from './apply-payment.js';

/** Finds money whose event never came (Redis lost it, its job gave up) and applies it; needs PostgreSQL only. */
@Injectable()
export class ReconcilePayments implements OnModuleInit {
  private readonly logger = new Logger(ReconcilePayments.name);

  constructor(
    private readonly payments: Payments,
    private readonly applyPayment: ApplyPaymentToOrder,
    private readonly tasks: PeriodicTasks,
    private readonly config: OrderConfig,
    private readonly queueConfig: QueueConfig,
  ) {}

  onModuleInit(): void {
    this.tasks.every('payment-reconcile', this.queueConfig.sweepInterval, stopping =>
      this.reconcile(stopping),
    );
  }

  /** All there are; one that cannot be applied is passed over until the next time. */
  private async reconcile(stopping: AbortSignal): Promise<void> {
    const { reconcileGrace, sweepBatch } = this.config;
    let after = '';
    while (!stopping.aborted) {
      const captures = await this.payments.listUnacknowledged(reconcileGrace, sweepBatch, after);
      for (const capture of captures) await this.apply(capture);
      if (captures.length < sweepBatch) return;
      after = captures.at(-1)!.reference;
    }
  }

  private async apply(capture: NamedCapture): Promise<void> {
    const { reference } = capture;
    try {
      this.logger.warn({ order: reference }, 'money arrived and its event did not: applying it now');
      await this.applyPayment.onCapture(reference, capture);
    } catch (error) {
      this.logger.error({ err: error, order: reference }, 'could not apply a payment');
    }
  }
}
