import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../kernel/clock.js';
import { PayClient } from '../../platform/wechat/pay/pay-client.js';
import { severityOf } from '../../platform/wechat/wechat-error.js';
import { AskWechat } from './ask-wechat.js';
import { PaymentConfig } from './payment.config.js';
import {
  Payments,
  type ClientPayment,
  type PaymentIntent,
  type PaymentOutcome,
  type SettledPayment,
} from './payment.contract.js';
import { PaymentNotFound, PaymentNotPossible, PaymentUndecided } from './payment.errors.js';
import { PaymentRepository, type Payment } from './payment.repository.js';
import { PrepayRequests } from './request/prepay-request.js';

const closeAttempts = 3;

@Injectable()
export class PaymentService extends Payments {
  private readonly logger = new Logger(PaymentService.name);

  constructor(
    private readonly payments: PaymentRepository,
    private readonly pay: PayClient,
    private readonly askWechat: AskWechat,
    private readonly requests: PrepayRequests,
    private readonly config: PaymentConfig,
    private readonly clock: Clock,
  ) {
    super();
  }

  async open(intent: PaymentIntent): Promise<void> {
    const { reference, amountFen, payerOpenid } = intent;
    const prepayRequest = this.requests.write(intent);
    await this.payments.insert({ reference, amountFen, payerOpenid, prepayRequest });
  }

  async start(reference: string): Promise<ClientPayment> {
    const payment = await this.get(reference);
    if (!(await this.payments.markRequested(reference, this.config.pollFirst))) return this.refuse(reference);
    return this.pay.clientParams(this.reusable(payment) ?? (await this.prepare(payment)));
  }

  async refresh(reference: string): Promise<PaymentOutcome> {
    const payment = await this.get(reference);
    if (payment.status !== 'created') return outcomeOf(payment);
    if (!this.pay.isReachable) return { status: 'pending' };
    if (!(await this.payments.claimCheck(reference, this.config.refreshInterval)))
      return { status: 'pending' };
    try {
      return await this.askWechat.state(reference);
    } catch (error) {
      this.logger[severityOf(error)]({ err: error }, 'could not ask WeChat about a payment');
      return { status: 'pending' };
    }
  }

  async close(reference: string): Promise<SettledPayment> {
    for (let attempt = 1; attempt <= closeAttempts; attempt++) {
      const outcome = await this.tryClose(await this.get(reference));
      if (outcome) return outcome;
    }
    throw new PaymentUndecided(reference);
  }

  /** Null when a notice, another close or a prepay came in between: then what it recorded is where to begin again. */
  private async tryClose(payment: Payment): Promise<SettledPayment | null> {
    const { reference, prepayId } = payment;
    if (payment.status !== 'created') return outcomeOf(payment);
    if (await this.payments.closeUnrequested(reference)) return { status: 'closed' };
    const outcome = await this.askWechat.close(payment);
    if (outcome.status === 'captured') return outcome;
    return (await this.payments.closeAsOf(reference, prepayId)) ? outcome : null;
  }

  private async get(reference: string): Promise<Payment> {
    const payment = await this.payments.find(reference);
    if (!payment) throw new PaymentNotFound(reference);
    return payment;
  }

  private reusable({ prepayId, prepayIdAt }: Payment): string | null {
    const freshFrom = this.clock.now().getTime() - this.config.prepayReuse;
    return prepayIdAt && prepayIdAt.getTime() > freshFrom ? prepayId : null;
  }

  private async prepare(payment: Payment): Promise<string> {
    const { reference } = payment;
    try {
      const prepayId = await this.askWechat.prepay(payment);
      if (await this.payments.keepPrepayId(reference, prepayId)) return prepayId;
      return await this.abandon({ reference, prepayId });
    } catch (error) {
      // Nobody knows whether WeChat has made the trade; somebody may have cancelled the order meanwhile.
      const { status } = await this.get(reference);
      if (status !== 'closed' || error instanceof PaymentNotPossible) throw error;
      return this.abandon({ reference, prepayId: null });
    }
  }

  /** Ended while WeChat was answering. If it was closed, the trade WeChat has just made must not stay open. */
  private async abandon(payment: Pick<Payment, 'reference' | 'prepayId'>): Promise<never> {
    await this.askWechat.close(payment);
    return this.refuse(payment.reference);
  }

  private async refuse(reference: string): Promise<never> {
    const { status } = await this.get(reference);
    throw new PaymentNotPossible(status === 'captured' ? 'captured' : 'closed');
  }
}

function outcomeOf({ status, transactionId, amountFen, capturedAt }: Payment): SettledPayment {
  if (status !== 'captured') return { status: 'closed' };
  // The database's CHECK constraints promise both for a captured payment.
  return { status, capture: { transactionId: transactionId!, amountFen, paidAt: capturedAt! } };
}
