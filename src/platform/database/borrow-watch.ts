import { Logger } from '@nestjs/common';
import { Overdue } from '../concurrency/overdue.js';
import { oneLine } from './one-line.js';
import type { ObservedClient, Stack } from './pool-client.js';

/** How long stacks are kept after somebody was late, and how deep. */
const suspicionMs = 10 * 60_000;
const frames = 20;

/**
 * Warns once of each connection that is kept for longer than `patienceMs`, with the statement it was last used for and
 * the stack of who took it. A stack costs more than the rest of a borrow, so they are kept only for a while after
 * somebody was late: who forgets a connection does so again.
 */
export class BorrowWatch {
  private readonly logger = new Logger('Database');
  private readonly borrows: Overdue<ObservedClient>;
  private suspiciousUntil = -Infinity;
  private lateSoFar = 0;

  constructor(private readonly patienceMs: number) {
    this.borrows = new Overdue({
      afterMs: patienceMs,
      lookEveryMs: patienceMs / 4,
      tell: (client, ms) => this.tell(client, ms),
    });
  }

  get late(): number {
    return this.lateSoFar;
  }

  /** From the pool's `connect` on upwards, while somebody is suspected. */
  readonly stack = (): Stack | undefined => {
    if (performance.now() > this.suspiciousUntil) return undefined;
    const usual = Error.stackTraceLimit;
    const taken: Stack = {};
    Error.stackTraceLimit = frames;
    Error.captureStackTrace(taken, this.stack);
    Error.stackTraceLimit = usual;
    return taken;
  };

  lent(client: ObservedClient, stack: Stack | undefined): void {
    if (this.patienceMs === 0) return;
    client.lastStatement = undefined;
    client.borrower = stack;
    client.borrow = this.borrows.watch(client);
  }

  returned({ borrow }: ObservedClient): void {
    if (borrow) this.borrows.forget(borrow);
  }

  private tell({ lastStatement, borrower }: ObservedClient, ms: number): void {
    this.lateSoFar += 1;
    this.suspiciousUntil = performance.now() + suspicionMs;
    const sql = lastStatement && oneLine(lastStatement);
    this.logger.warn({ ms: Math.round(ms), sql, borrower: borrower?.stack }, 'a connection is kept for long');
  }
}
