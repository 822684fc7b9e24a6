import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Notifications } from '../../../platform/database/notifications.js';
import { PeriodicTasks } from '../../../platform/queue/periodic-tasks.js';
import { QueueConfig } from '../../../platform/queue/queue.config.js';
import { PaymentConfig } from '../payment.config.js';
import { ReconcileDay } from './reconcile-day.js';
import { ReconciliationRepository, type Standing } from './reconciliation.repository.js';

const reconcileTask = 'bill-reconciliation';
/** Also for whoever asks for a comparison from outside a shop. */
export const reconciliationChannel = 'minnow_reconciliation';

/** Every day once, when its bill is there, and again whenever an operator asks. */
@Injectable()
export class ReconcileDays implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly reconciliations: ReconciliationRepository,
    private readonly reconcileDay: ReconcileDay,
    private readonly tasks: PeriodicTasks,
    private readonly notifications: Notifications,
    private readonly config: PaymentConfig,
    private readonly queueConfig: QueueConfig,
  ) {}

  onModuleInit(): void {
    this.tasks.every(reconcileTask, this.config.billInterval, stopping => this.reconcile(stopping));
    this.publish(
      'payment_reconciliation_differences',
      'Payments and refunds that differ from WeChat’s bills',
      it => it.differences,
    );
    this.publish(
      'payment_reconciliations_pending',
      'Bills of WeChat that wait to be compared',
      it => it.pending,
    );
  }

  onApplicationBootstrap(): void {
    const { consume } = this.queueConfig;
    if (consume) this.notifications.listen(reconciliationChannel, () => this.tasks.wake(reconcileTask));
  }

  private async reconcile(stopping: AbortSignal): Promise<void> {
    const { billAfter, billRetry } = this.config;
    await this.reconciliations.schedule(billAfter, billRetry);
    while (!stopping.aborted) {
      const turn = await this.reconciliations.claimDue(billRetry);
      if (!turn) return;
      await this.reconcileDay.execute(turn);
    }
  }

  /** Read when scraped, the same by all processes; keeps its last value while PostgreSQL is away. */
  private publish(name: string, help: string, read: (standing: Standing) => number): void {
    const { reconciliations } = this;
    new Gauge({
      name,
      help,
      aggregator: 'max',
      async collect() {
        await reconciliations.standing().then(
          standing => this.set(read(standing)),
          () => undefined,
        );
      },
    });
  }
}
