export interface OverdueOptions<Item> {
  readonly afterMs: number;
  /** How late `tell` may be. */
  readonly lookEveryMs: number;
  /** Once for each item that is not forgotten in time. */
  readonly tell: (item: Item, ms: number) => void;
}

/** What is watched, for whoever is to forget it. */
export interface Watched<Item> {
  readonly sinceMs: number;
  readonly patienceMs: number;
  /** Absent when it is forgotten. */
  item: Item | undefined;
}

/**
 * Tells of what takes longer than all of its kind may. One timer looks after all of them: a timer each costs four times
 * as much. They are not in a Map: V8 makes its table anew whenever so many have come and gone, and the old one refers to
 * the new one, so that the first that is too old for the quick collections keeps alive, until the next thorough one, all
 * that come after it and the requests in them; to copy those costs more than an eighth of a busy server's time.
 */
export class Overdue<Item> {
  private watched: Watched<Item>[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: OverdueOptions<Item>) {}

  /** From now on, for `times` as long as usual. */
  watch(item: Item, times = 1): Watched<Item> {
    const watched = { sinceMs: performance.now(), patienceMs: times * this.options.afterMs, item };
    this.watched.push(watched);
    this.lookSoon();
    return watched;
  }

  forget(watched: Watched<Item>): void {
    watched.item = undefined;
  }

  private lookSoon(): void {
    this.timer ??= setTimeout(() => this.look(), this.options.lookEveryMs).unref();
  }

  private look(): void {
    this.timer = undefined;
    const before = this.watched;
    this.watched = [];
    const nowMs = performance.now();
    for (const watched of before) this.lookAt(watched, nowMs);
    if (this.watched.length > 0) this.lookSoon();
  }

  private lookAt(watched: Watched<Item>, nowMs: number): void {
    const { item, sinceMs, patienceMs } = watched;
    if (item === undefined) return;
    if (nowMs - sinceMs < patienceMs) this.watched.push(watched);
    else this.options.tell(item, nowMs - sinceMs);
  }
}
