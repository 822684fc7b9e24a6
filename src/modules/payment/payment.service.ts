import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../kernel/clock.js';
import { PayClient } from '../../platform/wechat/pay-client.js';
import { WechatRefused } from '../../platform/wechat/wechat-error.js';
import { CapturePayment } from './capture-payment.js';
import { PaymentConfig } from './payment.config.js';
import { Payments, type ClientPayment, type PaymentIntent, type PaymentOutcome } from './payment.contract.js';
import { PaymentNotFound, PaymentNotPossible } from './payment.errors.js';
import { PaymentRepository, type Payment } from './payment.repository.js';
import { PrepayRequests } from './prepay-request.js';
import { isPaid } from './trade-check.js';

@Injectable()
export class PaymentService extends Payments {
  private readonly logger = new Logger(PaymentService.name);

  constructor(
    private readonly payments: PaymentRepository,
    private readonly pay: PayClient,
    private readonly capturePayment: CapturePayment,
    private readonly requests: PrepayRequests,
    private readonly config: PaymentConfig,
    private readonly clock: Clock,
  ) {
    super();
  }

  async open(intent: PaymentIntent): Promise<void> {
    const { reference, amountFen, payerOpenid } = intent;
    await this.payments.insert({
      reference,
      amountFen,
      payerOpenid,
      prepayRequest: this.requests.write(intent),
    });
  }

  async start(reference: string): Promise<ClientPayment> {
    const payment = await this.get(reference);
    if (payment.status !== 'created') throw new PaymentNotPossible(payment.status);
    return this.pay.clientParams(this.reusable(payment) ?? (await this.prepare(payment)));
  }

  async refresh(reference: string): Promise<PaymentOutcome> {
    const payment = await this.get(reference);
    if (payment.status !== 'created') return outcomeOf(payment);
    if (!(await this.payments.claimCheck(reference, this.config.refreshInterval)))
      return { status: 'pending' };
    try {
      return await this.ask(reference);
    } catch (error) {
      this.logger.warn({ err: error }, 'could not ask WeChat about a payment');
      return { status: 'pending' };
    }
  }

  async close(reference: string): Promise<Exclude<PaymentOutcome, { status: 'pending' }>> {
    const payment = await this.get(reference);
    if (payment.status === 'captured') return capturedOutcome(payment);
    if (payment.status === 'closed' || (await this.payments.closeUnrequested(reference)))
      return { status: 'closed' };
    if ((await this.pay.close(reference)) === 'paid') return this.captured(reference);
    if (await this.payments.close(reference)) return { status: 'closed' };
    // A notice or another close came first: what it recorded is the answer.
    return this.close(reference);
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

  private async prepare({ reference, prepayRequest }: Payment): Promise<string> {
    if (!(await this.payments.markRequested(reference))) throw new PaymentNotPossible('closed');
    const prepayId = await this.prepay(reference, prepayRequest);
    if (await this.payments.keepPrepayId(reference, prepayId)) return prepayId;
    // Closed while WeChat was answering: the trade WeChat has just made must not stay open.
    await this.pay.close(reference);
    throw new PaymentNotPossible('closed');
  }

  private async prepay(reference: string, request: string): Promise<string> {
    try {
      return (await this.pay.prepay(request)).prepayId;
    } catch (error) {
      if (!(error instanceof WechatRefused)) throw error;
      // "Already paid" has more than one code (wechat.md §4.5), so WeChat is asked what is true.
      const outcome = await this.ask(reference).catch(() => null);
      if (outcome && outcome.status !== 'pending') throw new PaymentNotPossible(outcome.status);
      throw error;
    }
  }

  private async ask(reference: string): Promise<PaymentOutcome> {
    const trade = await this.pay.query(reference);
    if (isPaid(trade)) return { status: 'captured', capture: await this.capturePayment.execute(trade) };
    if (trade.state !== 'CLOSED') return { status: 'pending' };
    await this.payments.close(reference);
    return { status: 'closed' };
  }

  private async captured(reference: string): Promise<Exclude<PaymentOutcome, { status: 'pending' }>> {
    const capture = await this.capturePayment.execute(await this.pay.query(reference));
    return { status: 'captured', capture };
  }
}

function outcomeOf(payment: Payment): PaymentOutcome {
  return payment.status === 'captured' ? capturedOutcome(payment) : { status: 'closed' };
}

function capturedOutcome({ transactionId, amountFen, capturedAt }: Payment) {
  // The database's CHECK constraints promise both for a captured payment.
  const capture = { transactionId: transactionId!, amountFen, paidAt: capturedAt! };
  return { status: 'captured' as const, capture };
}
