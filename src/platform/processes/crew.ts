import type { Logger } from 'pino';
import { backoffMs } from '../queue/backoff.js';
import { Member, type Ending } from './member.js';
import type { WebConfig } from './web.config.js';

/** How often in a row a member is asked whether it is alive before `web.silenceMax` is over. */
const pokes = 6;
const firstRestartMs = 100;

export interface CrewOptions {
  readonly config: WebConfig;
  /** Longer than members need to drain by themselves. */
  readonly stopWithinMs: number;
  readonly onEnd: (ending: Ending) => void;
}

/**
 * The processes that serve one port. Promise: the first one starts alone, and if it cannot, nobody does; from then on
 * one that dies or hangs is replaced while the others serve, after pauses that grow while it keeps dying young.
 */
export class Crew {
  readonly members: readonly Member[];
  /** The exit code, once nobody is left. */
  readonly over: Promise<number>;
  restarts = 0;
  private readonly end = Promise.withResolvers<number>();
  private readonly restartTimers = new Set<NodeJS.Timeout>();
  private readonly pulse: NodeJS.Timeout;
  private exitCode = 0;
  private hasServed = false;
  private isStopping = false;

  constructor(
    private readonly logger: Logger,
    private readonly options: CrewOptions,
  ) {
    const { concurrency, silenceMax } = options.config;
    this.over = this.end.promise;
    this.members = Array.from({ length: concurrency }, (_, index) => this.newMember(index + 1));
    this.pulse = setInterval(() => this.pokeAll(), silenceMax / pokes);
  }

  get serving(): number {
    return this.members.filter(({ isServing }) => isServing).length;
  }

  start(): void {
    this.members[0]?.start();
  }

  /** All drain at once. `over` follows within `stopWithinMs`. */
  stop(reason: string): void {
    if (this.isStopping) return;
    this.isStopping = true;
    this.logger.info(`${reason}: the processes drain`);
    clearInterval(this.pulse);
    for (const timer of this.restartTimers) clearTimeout(timer);
    for (const member of this.members) member.signal('SIGTERM');
    setTimeout(() => this.killAll(), this.options.stopWithinMs).unref();
    this.finishIfEmpty();
  }

  private newMember(number: number): Member {
    return new Member(
      number,
      () => this.onServing(),
      () => this.closeForgotten(),
      (member, ending) => this.onEnd(member, ending),
    );
  }

  /** Whatever keeps a process from serving is found out, and said, by one of them. */
  private onServing(): void {
    if (this.hasServed || this.isStopping) return;
    this.hasServed = true;
    for (const member of this.members.slice(1)) member.start();
  }

  /** A connection refused by the last one to shut its door goes to nobody; until that one ends, its client would wait. */
  private closeForgotten(): void {
    if (this.members.some(({ isOpen }) => isOpen)) return;
    for (const member of this.members) member.closeHandedOver();
  }

  private onEnd(member: Member, ending: Ending): void {
    this.options.onEnd(ending);
    this.closeForgotten();
    if (this.isStopping) {
      if (!hasDrained(ending)) this.exitCode = 1;
      return this.finishIfEmpty();
    }
    if (this.hasServed) return this.replace(member, ending);
    clearInterval(this.pulse);
    this.end.resolve(ending.code || 1);
  }

  private replace(member: Member, ending: Ending): void {
    const { restartDelayMax } = this.options.config;
    const { pid, code, signal, servedMs = 0 } = ending;
    member.failures = servedMs > restartDelayMax ? 1 : member.failures + 1;
    const delayMs = Math.min(restartDelayMax, backoffMs(member.failures, firstRestartMs));
    const how = signal ?? `code ${code}`;
    this.logger.error(
      { process: member.number, pid, delayMs },
      `a process ended with ${how}: starting another`,
    );
    const timer = setTimeout(() => {
      this.restartTimers.delete(timer);
      this.restarts++;
      member.start();
    }, delayMs);
    this.restartTimers.add(timer);
  }

  private pokeAll(): void {
    for (const member of this.members) {
      if (!member.isRunning || member.poke() < pokes) continue;
      this.logger.error({ process: member.number, pid: member.pid }, 'a process hangs: killing it');
      member.signal('SIGKILL');
    }
  }

  private killAll(): void {
    this.logger.error('the processes did not drain in time: killing them');
    for (const member of this.members) member.signal('SIGKILL');
  }

  private finishIfEmpty(): void {
    if (!this.members.some(({ isRunning }) => isRunning)) this.end.resolve(this.exitCode);
  }
}

/** One that was not ready to be told to stop has nothing to drain. */
function hasDrained({ code, signal, servedMs }: Ending): boolean {
  return code === 0 || (servedMs === undefined && signal === 'SIGTERM');
}
