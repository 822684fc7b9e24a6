/** Plays steps and tells them: one aligned row and one line of meaning each, plain text for people and logs alike. */
import { setTimeout as delay } from 'node:timers/promises';
import { describeProblem, send, StepFailed, type Answer, type Call, type Peer } from './client.ts';

const POLL_MS = 100;
const NO_TRACE = '-';

/** What the step means. @throws StepFailed where the answer is not what a shopper needs */
export type Meaning<Body> = (answer: Answer<Body>) => string;

export class Narrator {
  #step = 0;

  begin(): void {
    console.log(row('', 'METHOD', 'STATUS', 'MS', 'TRACE', 'PATH'));
  }

  /** @throws StepFailed unless the answer has the expected status and a meaning */
  async step<Body>(peer: Peer, call: Call, meaning: Meaning<Body>): Promise<Body> {
    return this.#tell(call, await send<Body>(peer, call), meaning);
  }

  /** Asks again until `done`; the last exchange is told. @throws StepFailed when it is not done within `withinMs` */
  async poll<Body>(
    peer: Peer,
    call: Call,
    { done, withinMs }: { readonly done: (body: Body) => boolean; readonly withinMs: number },
    meaning: Meaning<Body>,
  ): Promise<Body> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const answer = await send<Body>(peer, call);
      const over = performance.now() > deadline;
      if (answer.status !== call.expected || over || done(answer.body))
        return this.#tell(call, answer, meaning);
      await delay(POLL_MS);
    }
  }

  #tell<Body>(call: Call, answer: Answer<Body>, meaning: Meaning<Body>): Body {
    const { method, path, expected } = call;
    const { status, headers, ms, body } = answer;
    this.#step += 1;
    const trace = headers.get('x-trace-id') ?? NO_TRACE;
    console.log(row(String(this.#step), method, String(status), ms.toFixed(1), trace, decodeURI(path)));
    const failed = (why: string): StepFailed =>
      new StepFailed(`step ${this.#step}, ${method} ${path}: ${status} ${why}`);
    if (status !== expected) throw failed(`instead of ${expected}\n${describeProblem(answer)}`);
    try {
      console.log(`      ${meaning(answer)}`);
    } catch (error) {
      throw error instanceof StepFailed ? failed(`but ${error.message}`) : error;
    }
    return body;
  }
}

/** @throws StepFailed */
export function ensure(condition: unknown, otherwise: string): asserts condition {
  if (!condition) throw new StepFailed(otherwise);
}

function row(step: string, method: string, status: string, ms: string, trace: string, path: string): string {
  const columns = [
    step.padStart(4),
    method.padEnd(6),
    status.padStart(6),
    ms.padStart(8),
    trace.padEnd(32),
    path,
  ];
  return columns.join('  ');
}
