import { isDeepStrictEqual } from 'node:util';
import type { LoadRequest } from './job.ts';
import type { RequestKind } from './requests.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export async function ask(url: string, { path, ...init }: LoadRequest): Promise<Answer> {
  const answer = await fetch(url + path, init);
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

/** Nobody wins by answering less. @throws Error that shows both answers */
export function requireSameAnswer(label: string, answer: Answer, model: Answer, kind: RequestKind): void {
  const [own, other] = [masked(answer, kind), masked(model, kind)];
  if (isDeepStrictEqual(own, other)) return;
  throw new Error(`${label} answers differently:\n${JSON.stringify(own)}\n${JSON.stringify(other)}`);
}

function masked({ status, body }: Answer, { differing }: RequestKind): Answer {
  if (typeof body !== 'object' || body === null) return { status, body };
  const entries = Object.entries(body).map(([key, value]) => [
    key,
    differing.includes(key) ? typeof value : value,
  ]);
  return { status, body: Object.fromEntries(entries) };
}
