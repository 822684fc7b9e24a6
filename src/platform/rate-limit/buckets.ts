/** `units` at once, and as many again every `windowMs`, evenly. */
export interface Allowance {
  readonly units: number;
  readonly windowMs: number;
}

/** What somebody has used of an allowance, as the time in which it comes back. */
export interface Bucket {
  /** On `performance.now()`: from then on nothing is used any more. */
  freshAtMs: number;
  /** What the other processes do not know of yet. */
  untoldMs: number;
}

/** Sums of fractions: the last unit of an allowance must not fail for the last bit of a number. */
const roundingMs = 0.01;

/**
 * Who has used how much of one allowance (GCRA: one number each, no timers). Remembers at least `size / 2` and at most
 * `size` subjects, the latest; whoever is forgotten starts afresh.
 */
export class Buckets {
  private readonly unitMs: number;
  private recent = new Map<string, Bucket>();
  private earlier = new Map<string, Bucket>();

  constructor(
    readonly allowance: Allowance,
    private readonly size: number,
  ) {
    this.unitMs = allowance.windowMs / allowance.units;
  }

  get subjects(): number {
    return this.recent.size + this.earlier.size;
  }

  /** Takes a unit and returns 0, or takes nothing and returns the milliseconds until there is one. */
  take(bucket: Bucket, nowMs: number): number {
    const usedMs = Math.max(0, bucket.freshAtMs - nowMs) + this.unitMs;
    const waitMs = usedMs - this.allowance.windowMs;
    if (waitMs > roundingMs) return waitMs;
    bucket.freshAtMs = nowMs + usedMs;
    bucket.untoldMs += this.unitMs;
    return 0;
  }

  of(subject: string): Bucket {
    const bucket = this.recent.get(subject) ?? this.earlier.get(subject) ?? { freshAtMs: 0, untoldMs: 0 };
    if (!this.recent.has(subject)) this.remember(subject, bucket);
    return bucket;
  }

  private remember(subject: string, bucket: Bucket): void {
    if (this.recent.size >= this.size / 2) {
      this.earlier = this.recent;
      this.recent = new Map();
    }
    this.earlier.delete(subject);
    this.recent.set(subject, bucket);
  }
}
