/** What the clients of one run asked for and were told. What happened behind it is compared afterwards. */

/** `unknown`: no answer came, so the shop may have done it or not. */
export type Verdict = 'ok' | 'refused' | 'unknown';

export interface Operation {
  readonly client: number;
  readonly name: string;
  readonly key?: string;
  readonly status: number;
  readonly verdict: Verdict;
  readonly text: string;
}

/** 409 in progress, 429 and 5xx leave it open whether something will be done; the client must ask again. */
export function verdictOf(status: number, text: string): Verdict {
  if (status === 0 || status >= 500 || status === 429) return 'unknown';
  if (text.includes('"idempotency.in_progress"')) return 'unknown';
  return status < 400 ? 'ok' : 'refused';
}

export class History {
  readonly operations: Operation[] = [];

  add(operation: Operation): void {
    this.operations.push(operation);
  }

  /** What the shop has confirmed to have made, with the key it was asked for by. */
  confirmed(name: string): readonly { readonly key: string; readonly id: string; readonly text: string }[] {
    return this.operations
      .filter(operation => operation.name === name && operation.verdict === 'ok')
      .map(({ key, text }) => ({ key: key!, text, id: (JSON.parse(text) as { id: string }).id }));
  }

  /** Everything of this kind that was ever asked for. */
  keys(name: string): ReadonlySet<string> {
    return new Set(this.operations.filter(operation => operation.name === name).map(({ key }) => key!));
  }
}
