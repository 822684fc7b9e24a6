/** The shop as a process that is killed and comes back, on the same port each time. */
import { setTimeout as pause } from 'node:timers/promises';
import { spawnSibling, type Sibling } from '../support/sibling.ts';

export interface ShopPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  readonly managementPort: number;
}

/** What no run may bring forth, whatever happens to it. */
const uncaught = /unhandled|uncaught|could not start:/i;

export class ShopProcess {
  readonly url: string;
  readonly #place: ShopPlace;
  #process: Sibling | undefined;
  #output = '';
  #watched: Promise<void> | undefined;
  #closing = false;
  #complained = 0;
  restarts = 0;

  constructor(place: ShopPlace) {
    this.#place = place;
    this.url = `http://127.0.0.1:${place.port}`;
  }

  async start(): Promise<void> {
    this.#watched = this.#keepAlive();
    while (!(await this.#answers())) await pause(50);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** What it has written since the last call that should never be written: each line accuses one run only. */
  complaints(): readonly string[] {
    const all = this.#allOutput()
      .split('\n')
      .filter(line => uncaught.test(line));
    const fresh = all.slice(this.#complained);
    this.#complained = all.length;
    return fresh;
  }

  output(): string {
    return this.#allOutput();
  }

  async stop(): Promise<number | string> {
    this.#closing = true;
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const code = await this.#process!.exited;
    await this.#watched;
    return code;
  }

  /** As an orchestrator does: whatever ends it, it is started again. */
  async #keepAlive(): Promise<void> {
    const { env, port, managementPort } = this.#place;
    while (!this.#closing) {
      this.#process = await spawnSibling('main', env, { port, managementPort });
      await this.#process.exited;
      this.#output += this.#process.output();
      this.#process = this.#closing ? this.#process : undefined;
      this.restarts++;
    }
  }

  #allOutput(): string {
    return this.#output + (this.#closing ? '' : (this.#process?.output() ?? ''));
  }

  async #answers(): Promise<boolean> {
    const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(1_000) }).catch(
      () => null,
    );
    await answer?.body?.cancel();
    return answer?.status === 200;
  }
}
