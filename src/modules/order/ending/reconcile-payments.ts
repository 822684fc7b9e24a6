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
    this.tasks.every('payment-reconcile', this.queueConfig.sweepInterval, () => this.reconcile());
  }

  private async reconcile(): Promise<void> {
    const { reconcileGrace, sweepBatch } = this.config;
    for (const capture of await this.payments.listUnacknowledged(reconcileGrace, sweepBatch))
      await this.apply(capture);
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
