import { setTimeout as pause } from 'node:timers/promises';

const failurePauseMs = 1_000;

/**
 * Opens connections while some are missing: one at a time, and after a failure not at once again, so that a server that
 * comes back is not stormed by those who lost it.
 */
export class WarmConnections {
  private filling: Promise<void> | undefined;

  constructor(
    private readonly isMissing: () => boolean,
    private readonly open: () => Promise<void>,
    private readonly pauseAfterFailure = jitteredPause,
  ) {}

  fill(): void {
    this.filling ??= this.openMissing().finally(() => (this.filling = undefined));
  }

  private async openMissing(): Promise<void> {
    while (this.isMissing()) await this.open().catch(this.pauseAfterFailure);
  }
}

/** Not as long in one process as in the others. */
async function jitteredPause(): Promise<void> {
  await pause(failurePauseMs * (1 + Math.random()), undefined, { ref: false });
}
