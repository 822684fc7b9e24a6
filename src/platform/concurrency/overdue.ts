export interface OverdueOptions<Item> {
  readonly afterMs: number;
  /** How late `tell` may be. */
  readonly lookEveryMs: number;
  /** Once for each item that is not forgotten in time. */
  readonly tell: (item: Item, ms: number) => void;
}

/**
 * Tells of what takes longer than all of its kind may. One timer looks after all of them, in the order they came, which
 * is the order they are due: a timer each costs four times as much.
 */
export class Overdue<Item> {
  private readonly sinceMs = new Map<Item, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: OverdueOptions<Item>) {}

  /** From now on; not again before it is forgotten. */
  watch(item: Item): void {
    this.sinceMs.set(item, performance.now());
    this.lookSoon();
  }

  forget(item: Item): void {
    this.sinceMs.delete(item);
  }

  private lookSoon(): void {
    this.timer ??= setTimeout(() => this.look(), this.options.lookEveryMs).unref();
  }

  private look(): void {
    this.timer = undefined;
    const nowMs = performance.now();
    for (const [item, sinceMs] of this.sinceMs) {
      const ms = nowMs - sinceMs;
      if (ms < this.options.afterMs) break;
      this.sinceMs.delete(item);
      this.options.tell(item, ms);
    }
    if (this.sinceMs.size > 0) this.lookSoon();
  }
}
