import { randomBytes } from 'node:crypto';
import { epochSeconds, MINUTE_MS } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Credentials } from './credentials.ts';
import { digits } from './credentials.ts';
import { ANSWER_WITHIN_MS } from './delivery.ts';
import { sealPush, signPush } from './push-seal.ts';
import { all, check, flag, isRecord, oneOf, shape, text } from './rules.ts';
import type { Rule } from './rules.ts';

const TRIES = 3;
const CLOCK_OFF_MS: Partial<Record<Tamper, number>> = { stale: -10 * MINUTE_MS, early: 10 * MINUTE_MS };

/** Ways in which a message is none of WeChat's; `repeated` is genuine and comes again after it was answered. */
type Tamper = 'signature' | 'app-id' | 'stale' | 'early' | 'cut' | 'repeated';

interface PushInput {
  readonly url: string;
  readonly message?: Readonly<Record<string, unknown>>;
  /** Asks for the echo of the URL check instead of sending a message. */
  readonly check?: boolean;
  readonly mode?: 'plain' | 'secure';
  readonly tamper?: Tamper;
}

/** What the shop said, or in a word why it said nothing. */
type PushAnswer =
  | { readonly status: number; readonly contentType: string | null; readonly body: string }
  | { readonly status: 'timeout' | 'unreachable' };

interface PushReport {
  /** In the order of the requests: one, unless the shop did not answer or the message was repeated. */
  readonly answers: readonly PushAnswer[];
  /** Of a check: whether the shop would be accepted. */
  readonly echoed?: boolean;
}

interface Outgoing {
  readonly url: string;
  readonly body?: string;
}

const record: Rule = (value, field) =>
  isRecord(value) ? undefined : { field, value, issue: 'must be an object' };
const oneThing: Rule = (value, field) => {
  const { message, check: isCheck } = value as PushInput;
  const isClear = (message === undefined) !== !isCheck;
  return isClear ? undefined : { field, value, issue: 'needs either a message or check: true' };
};
const pushRule = all(
  shape(
    { url: text({ max: 2048, pattern: /^https?:\/\// }) },
    {
      message: record,
      check: flag,
      mode: oneOf('plain', 'secure'),
      tamper: oneOf('signature', 'app-id', 'stale', 'early', 'cut', 'repeated'),
    },
  ),
  oneThing,
);

/** The message push: what WeChat's servers send to the URL that the shop has entered in the console. */
export class Pushes {
  readonly #credentials: Credentials;
  readonly #now: Clock;

  constructor(credentials: Credentials, now: Clock) {
    this.#credentials = credentials;
    this.#now = now;
  }

  /** @throws InvalidInput */
  async push(request: unknown): Promise<PushReport> {
    const input = check<PushInput>(pushRule, request);
    if (input.check) return this.#checkUrl(input);
    const outgoing = this.#compose(input);
    const answers = await send(outgoing);
    return { answers: input.tamper === 'repeated' ? [...answers, ...(await send(outgoing))] : answers };
  }

  async #checkUrl({ url, tamper }: PushInput): Promise<PushReport> {
    const echostr = digits(19);
    const answers = await send({ url: withQuery(url, { ...this.#signed(tamper), echostr }) });
    const last = answers.at(-1);
    return { answers, echoed: last !== undefined && 'body' in last && last.body === echostr };
  }

  #compose({ url, message, mode = 'secure', tamper }: PushInput): Outgoing {
    const { appId, pushAesKey: encodingAesKey } = this.#credentials;
    const whole = { ToUserName: 'gh_0123456789ab', CreateTime: epochSeconds(this.#now()), ...message };
    const plain = JSON.stringify(whole);
    if (mode === 'plain') return { url: withQuery(url, this.#signed(tamper)), body: plain };
    const app = tamper === 'app-id' ? `wx${randomBytes(8).toString('hex')}` : appId;
    const sealed = sealPush(plain, { encodingAesKey, appId: app });
    const Encrypt = tamper === 'cut' ? sealed.slice(0, -24) : sealed;
    const query = { ...this.#signed(tamper, Encrypt), ...openidOf(whole), encrypt_type: 'aes' };
    return { url: withQuery(url, query), body: JSON.stringify({ ToUserName: whole.ToUserName, Encrypt }) };
  }

  /** A cut ciphertext is signed as it is: the shop must not rely on the signature to find it. */
  #signed(tamper: Tamper | undefined, ...sealed: readonly string[]): Record<string, string> {
    const offsetMs = (tamper && CLOCK_OFF_MS[tamper]) ?? 0;
    const token = tamper === 'signature' ? 'forged' : this.#credentials.pushToken;
    const [timestamp, nonce] = [String(epochSeconds(this.#now() + offsetMs)), digits(9)];
    const signature = signPush(token, timestamp, nonce);
    if (sealed.length === 0) return { signature, timestamp, nonce };
    return { signature, timestamp, nonce, msg_signature: signPush(token, timestamp, nonce, ...sealed) };
  }
}

function openidOf(message: Readonly<Record<string, unknown>>): Record<string, string> {
  const { FromUserName: openid } = message;
  return typeof openid === 'string' ? { openid } : {};
}

function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  return `${url}${url.includes('?') ? '&' : '?'}${new URLSearchParams(query).toString()}`;
}

/** The same bytes up to three times, until there is an answer, whatever it says. */
async function send(outgoing: Outgoing): Promise<readonly PushAnswer[]> {
  const answers: PushAnswer[] = [];
  for (let tries = 0; tries < TRIES; tries++) {
    const answer = await post(outgoing);
    answers.push(answer);
    if ('body' in answer) break;
  }
  return answers;
}

async function post({ url, body }: Outgoing): Promise<PushAnswer> {
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const json =
    body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  try {
    const response = await fetch(url, { redirect: 'manual', signal: late, ...json });
    const contentType = response.headers.get('content-type');
    return { status: response.status, contentType, body: await response.text() };
  } catch {
    return { status: late.aborted ? 'timeout' : 'unreachable' };
  }
}
