import { randomUUID } from 'node:crypto';
import { apiError } from './api-error.ts';
import { HOUR_MS } from './clock.ts';
import { json } from './http.ts';
import type { Answer } from './http.ts';
import type { Users } from './users.ts';

const MAX_CHARACTERS = 2500;
const ACTIVE_MS = 2 * HOUR_MS;
const NORMAL = 100;
const OTHER = 21000;

/** Words that stand in for a judgement. */
export interface JudgedWords {
  readonly risky: readonly string[];
  readonly review: readonly string[];
}

export const DEFAULT_WORDS: JudgedWords = { risky: ['违规'], review: ['可疑'] };

type Verdict = 'pass' | 'review' | 'risky';

/** msg_sec_check, version 2: a text is as bad as the words in it. */
export class ContentChecks {
  readonly #users: Users;
  readonly #words: JudgedWords;

  constructor(users: Users, words: JudgedWords) {
    this.#users = users;
    this.#words = words;
  }

  check({ content, version, scene, openid }: Readonly<Record<string, unknown>>): Answer {
    if (content === '') return apiError(44002);
    if (typeof content !== 'string' || content.length > MAX_CHARACTERS || version !== 2)
      return apiError(47001);
    if (![1, 2, 3, 4].some(known => known === scene)) return apiError(40129);
    if (typeof openid !== 'string' || !this.#users.has(openid)) return apiError(40003);
    if (!this.#users.hasLoggedInWithin(openid, ACTIVE_MS)) return apiError(61010);
    return answer(this.#judge(content));
  }

  #judge(content: string): Verdict {
    const has = (words: readonly string[]) => words.some(word => content.includes(word));
    if (has(this.#words.risky)) return 'risky';
    return has(this.#words.review) ? 'review' : 'pass';
  }
}

function answer(suggest: Verdict): Answer {
  const label = suggest === 'pass' ? NORMAL : OTHER;
  const detail = [{ strategy: 'content_model', errcode: 0, suggest, label, prob: 90 }];
  return json(200, { errcode: 0, errmsg: 'ok', trace_id: randomUUID(), result: { suggest, label }, detail });
}
