/** Somebody's phone: asks the shop again until the answer is definite, and reaches WeChat whatever happens. */
import { setTimeout as pause } from 'node:timers/promises';
import { verdictOf, type History, type Operation } from './history.ts';
import type { Random } from './random.ts';

export interface ClientPlace {
  readonly shopUrl: string;
  readonly sandboxUrl: string;
  readonly history: History;
}

export interface Asked {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly key?: string;
}

const timeoutMs = 4_000;
const attempts = 40;
const address = {
  userName: '张三',
  telNumber: '13800138000',
  provinceName: '广东省',
  cityName: '深圳市',
  countyName: '南山区',
  detailInfo: '科技园 1 号',
};

export class Client {
  readonly #number: number;
  readonly #place: ClientPlace;
  readonly #random: Random;
  #token = '';

  constructor(number: number, place: ClientPlace, random: Random) {
    this.#number = number;
    this.#place = place;
    this.#random = random;
  }

  async logIn(): Promise<void> {
    const minted = await this.phone('login-codes', {});
    const { openid } = JSON.parse(minted) as { openid: string };
    for (let attempt = 0; attempt < attempts && this.#token === ''; attempt++) {
      const { code } = JSON.parse(await this.phone('login-codes', { openid })) as { code: string };
      const answer = await this.ask({ name: 'login', method: 'POST', path: '/auth/wechat', body: { code } });
      if (answer.verdict === 'ok')
        this.#token = (JSON.parse(answer.text) as { accessToken: string }).accessToken;
      else await breathe(attempt);
    }
  }

  /** The new address's id. */
  addAddress(): Promise<string | undefined> {
    return this.create('address', '/addresses', address);
  }

  /** The id of what was made, once, under a key of its own. */
  async create(name: string, path: string, body?: unknown): Promise<string | undefined> {
    const made = await this.insist({ name, method: 'POST', path, body, key: this.#random.key() });
    return made?.verdict === 'ok' ? (JSON.parse(made.text) as { id: string }).id : undefined;
  }

  /** The same request, with the same key, until it is answered for good. */
  async insist(asked: Asked): Promise<Operation | undefined> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const operation = await this.ask(asked);
      if (operation.verdict !== 'unknown') return operation;
      await breathe(attempt);
    }
    return undefined;
  }

  async ask({ name, method, path, body, key }: Asked): Promise<Operation> {
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    const url = `${this.#place.shopUrl}/api/v1${path}`;
    const sent = body === undefined ? null : JSON.stringify(body);
    const { status, text } = await send(url, { method, headers, body: sent });
    const operation = { client: this.#number, name, key, status, text, verdict: verdictOf(status, text) };
    this.#place.history.add(operation);
    return operation;
  }

  async phone(control: string, body: object): Promise<string> {
    const headers = { 'content-type': 'application/json' };
    const url = `${this.#place.sandboxUrl}/__sandbox/${control}`;
    return (await send(url, { method: 'POST', headers, body: JSON.stringify(body) })).text;
  }
}

/** Not seeded: how long a request takes is not, either. */
async function breathe(attempt: number): Promise<void> {
  await pause(Math.min(400, 25 * 2 ** attempt) * (0.5 + Math.random() / 2));
}

async function send(url: string, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 0, text: '' };
  }
}
