import { Injectable } from '@nestjs/common';

/** Whether this process is on its way out. Readiness says so first; only then do connections close. */
@Injectable()
export class Drain {
  private draining = false;

  get isDraining(): boolean {
    return this.draining;
  }

  start(): void {
    this.draining = true;
  }
}
