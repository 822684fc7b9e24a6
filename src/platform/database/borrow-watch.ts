import { Logger } from '@nestjs/common';
import type pg from 'pg';
import { oneLine } from './one-line.js';
import type { ObservedClient } from './pool-client.js';

/** Made readable when it is read. */
export interface Stack {
  readonly stack?: string;
}

interface Borrow {
  readonly since: number;
  readonly stack: Stack | undefined;
  isTold: boolean;
}

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
  private readonly borrows = new Map<pg.PoolClient, Borrow>();
  private timer: NodeJS.Timeout | undefined;
  private suspiciousUntil = -Infinity;
  private lateSoFar = 0;

  constructor(private readonly patienceMs: number) {}

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
    this.borrows.set(client, { since: performance.now(), stack, isTold: false });
    this.timer ??= setTimeout(() => this.look(), this.patienceMs / 4).unref();
  }

  returned(client: pg.PoolClient): void {
    this.borrows.delete(client);
  }

  private look(): void {
    this.timer = undefined;
    const now = performance.now();
    for (const [client, borrow] of this.borrows) {
      const ms = now - borrow.since;
      if (ms >= this.patienceMs && !borrow.isTold) this.tell(client, borrow, ms);
    }
    if (this.borrows.size > 0) this.timer = setTimeout(() => this.look(), this.patienceMs / 4).unref();
  }

  private tell({ lastStatement }: ObservedClient, borrow: Borrow, ms: number): void {
    borrow.isTold = true;
    this.lateSoFar += 1;
    this.suspiciousUntil = performance.now() + suspicionMs;
    const sql = lastStatement && oneLine(lastStatement);
    this.logger.warn(
      { ms: Math.round(ms), sql, borrower: borrow.stack?.stack },
      'a connection is kept for long',
    );
  }
}
