import { Injectable, Logger } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { BillNotReady } from '../../../platform/wechat/pay/bill-error.js';
import { PayBills } from '../../../platform/wechat/pay/pay-bills.js';
import type { BillRow } from '../../../platform/wechat/pay/trade-bill.js';
import { WechatConfig } from '../../../platform/wechat/wechat.config.js';
import { severityOf, WechatRefused } from '../../../platform/wechat/wechat-error.js';
import { compareBill, numberOf, type Comparison, type Difference, type OurEntry } from './bill-comparison.js';
import { CheckAgain } from './check-again.js';
import { OurEntryRepository } from './our-entry.repository.js';
import { ReconciliationRepository, type Turn } from './reconciliation.repository.js';

/**
 * Compares one day with WeChat's bill and keeps what differs. The bill proves nothing by itself: what it knows better is
 * asked about again, and WeChat's signed answer decides.
 */
@Injectable()
export class ReconcileDay {
  private readonly logger = new Logger(ReconcileDay.name);

  constructor(
    private readonly bills: PayBills,
    private readonly ours: OurEntryRepository,
    private readonly reconciliations: ReconciliationRepository,
    private readonly checkAgain: CheckAgain,
    private readonly transactor: Transactor,
    private readonly config: WechatConfig,
  ) {}

  /** Never fails because of WeChat: a day without a result says why, and comes again unless WeChat has no such bill. */
  async execute(turn: Turn): Promise<void> {
    try {
      const bill = await this.download(turn);
      const comparison = compareBill(bill, await this.entriesFor(turn, bill));
      if (!(await this.keep(turn, bill, comparison))) return;
      this.report(turn, comparison);
      await this.checkAgain.askAboutClosed(comparison.differences);
    } catch (error) {
      await this.reconciliations.giveUp(turn, messageOf(error), error instanceof WechatRefused);
      if (error instanceof BillNotReady) this.logger.log({ date: turn.date }, error.message);
      else
        this.logger[severityOf(error)](
          { err: error, date: turn.date },
          'could not compare a day with its bill',
        );
    }
  }

  /** Of this mini-program: the merchant number may serve others. */
  private async download({ date }: Turn): Promise<readonly BillRow[]> {
    return (await this.bills.download(date)).filter(({ appId }) => appId === this.config.appId);
  }

  private async entriesFor({ date }: Turn, bill: readonly BillRow[]): Promise<readonly OurEntry[]> {
    const expected = await this.ours.listExpected(date);
    const known = new Set(expected.map(({ movement, number }) => `${movement} ${number}`));
    const others = (kind: BillRow['kind']): readonly string[] =>
      numbersOf(bill, kind).filter(number => !known.has(`${kind} ${number}`));
    const payments = await this.ours.findPayments(others('payment'));
    return [...expected, ...payments, ...(await this.ours.findRefunds(others('refund')))];
  }

  private keep(turn: Turn, bill: readonly BillRow[], comparison: Comparison): Promise<boolean> {
    return this.transactor.run(async () => {
      await this.checkAgain.makeDue(comparison.differences);
      await this.ours.markBilled(turn.date, numbersOf(bill, 'refund'));
      return this.reconciliations.keep(turn, comparison);
    });
  }

  private report({ date }: Turn, { here, there, differences }: Comparison): void {
    if (differences.length === 0) return this.logger.log({ date, here }, 'a day agrees with its bill');
    this.logger.error(
      { date, here, there, differences: differences.length, first: firstOf(differences) },
      'a day differs from its bill',
    );
  }
}

function numbersOf(bill: readonly BillRow[], kind: BillRow['kind']): readonly string[] {
  return bill.filter(row => row.kind === kind).map(numberOf);
}

function firstOf([difference]: readonly Difference[]): string {
  return difference ? `${difference.movement} ${difference.number} ${difference.kind}` : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
