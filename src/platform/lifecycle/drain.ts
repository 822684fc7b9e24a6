import { Injectable } from '@nestjs/common';

/**
 * Whether this process is on its way out. Readiness says so first; only then do connections close, and last what
 * background work still needs: PostgreSQL.
 */
@Injectable()
export class Drain {
  private draining = false;
  private readonly background: Promise<unknown>[] = [];

  get isDraining(): boolean {
    return this.draining;
  }

  start(): void {
    this.draining = true;
  }

  /** Work that is allowed to finish before its connections close. */
  hold(work: Promise<unknown>): void {
    this.background.push(work);
  }

  async finished(): Promise<void> {
    await Promise.allSettled(this.background);
  }
}
