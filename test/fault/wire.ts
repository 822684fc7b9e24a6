/** A TCP proxy between the shop and one of its servers that reads what passes, and can strike at a chosen word. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** `before`: the request never reaches the server. `after`: the server has done it, and its answer never arrives. */
export type Moment = 'before' | 'after';

/** Springs once: when these texts have passed, in this order, on one connection. */
export interface Trap {
  readonly texts: readonly string[];
  readonly moment: Moment;
  /** Runs while the bytes are held; afterwards the connection is cut. */
  readonly spring: () => void;
}

interface Line {
  readonly shop: Socket;
  readonly server: Socket;
  /** How many of the trap's texts have passed here. */
  seen: number;
  trap: Trap | undefined;
  /** Prepared statements: their texts pass once, later only their names do. */
  readonly statements: Map<string, string>;
}

/** PostgreSQL's Parse (name, text) and Bind (portal, name), whose names are those of `database/prepared-statements.ts`. */
const parse = /P[^]{4}(m\d+_[\w-]+)\0([^\0]*)\0/g;
const bind = /B[^]{4}\0(m\d+_[\w-]+)\0/g;

export class Wire {
  readonly #lines = new Set<Line>();
  readonly #server = createServer(shop => this.#open(shop));
  #target: URL;
  #trap: Trap | undefined;
  #delayMs = 0;
  #frozen: Promise<void> | undefined;

  private constructor(target: URL) {
    this.#target = target;
  }

  static async start(target: URL): Promise<Wire> {
    const wire = new Wire(target);
    await once(wire.#server.listen(0, '127.0.0.1'), 'listening');
    return wire;
  }

  /** The target's URL, by way of this wire. */
  get url(): string {
    const url = new URL(this.#target.href);
    url.hostname = '127.0.0.1';
    url.port = `${(this.#server.address() as AddressInfo).port}`;
    return url.href.replace(/\/$/, '');
  }

  arm(trap: Trap): void {
    this.#trap = trap;
    for (const line of this.#lines) line.seen = 0;
  }

  /** All connections break, in the middle of whatever they were at. */
  cut(): void {
    for (const line of this.#lines) this.#destroy(line);
  }

  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Connections stay open and nothing passes: a half-open socket, a stopped server. */
  freeze(ms: number): void {
    this.#frozen = pause(ms).finally(() => (this.#frozen = undefined));
  }

  heal(): void {
    this.#trap = undefined;
    this.#delayMs = 0;
  }

  async close(): Promise<void> {
    this.cut();
    await once(this.#server.close(), 'close');
  }

  #open(shop: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    const line: Line = { shop, server, seen: 0, trap: undefined, statements: new Map() };
    this.#lines.add(line);
    for (const socket of [shop, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.#destroy(line));
      socket.on('close', () => this.#destroy(line));
    }
    void this.#pump(line, shop, server, chunk => this.#isSprung(line, chunk));
    void this.#pump(line, server, shop, () => this.#springAfter(line));
  }

  /** Passes bytes on until `strikes` says that they must not arrive. */
  async #pump(line: Line, from: Socket, to: Socket, strikes: (chunk: Buffer) => boolean): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (this.#delayMs > 0) await pause(this.#delayMs);
        await this.#frozen;
        if (strikes(chunk)) return this.#destroy(line);
        to.write(chunk);
      }
      to.end();
    } catch {
      this.#destroy(line);
    }
  }

  #isSprung(line: Line, chunk: Buffer): boolean {
    const text = spelledOut(line, chunk.toString('latin1'));
    const trap = this.#trap;
    if (!trap || !this.#advance(line, trap, text)) return false;
    this.#trap = undefined;
    if (trap.moment === 'after') {
      line.trap = trap;
      return false;
    }
    trap.spring();
    return true;
  }

  #springAfter(line: Line): boolean {
    if (!line.trap) return false;
    line.trap.spring();
    line.trap = undefined;
    return true;
  }

  #advance(line: Line, { texts }: Trap, text: string): boolean {
    while (line.seen < texts.length && text.includes(texts[line.seen]!)) line.seen++;
    return line.seen >= texts.length;
  }

  #destroy(line: Line): void {
    this.#lines.delete(line);
    line.shop.destroy();
    line.server.destroy();
  }
}

function spelledOut({ statements }: Line, text: string): string {
  for (const [, name, statement] of text.matchAll(parse)) statements.set(name!, statement!);
  return text.replace(bind, (_, name: string) => statements.get(name) ?? '');
}
