import { apiError } from './api-error.ts';
import { json } from './http.ts';
import type { Answer } from './http.ts';
import { badField } from './message-rules.ts';
import { check, InvalidInput, integer, shape, text } from './rules.ts';
import type { Collection } from './state-store.ts';
import type { Users } from './users.ts';

const LOGGED = 1000;

interface GrantInput {
  readonly openid: string;
  readonly templateId: string;
  readonly count: number;
}

/** What lies in a shopper's list of messages. */
export interface SentMessage {
  readonly openid: string;
  readonly templateId: string;
  readonly page?: string;
  readonly data: unknown;
}

const grantRule = shape({
  openid: text({ max: 128 }),
  templateId: text({ max: 64, pattern: /^[\w-]+$/ }),
  count: integer(0, 1000),
});

/** wx.requestSubscribeMessage on the phone, and what the server sends on the strength of it. */
export class Subscriptions {
  readonly #users: Users;
  /** By openid and template. A template is known once somebody has been asked about it. */
  readonly #grants: Collection<number>;
  readonly #sent: SentMessage[] = [];

  constructor(users: Users, grants: Collection<number>) {
    this.#users = users;
    this.#grants = grants;
  }

  /** The person agrees `count` times more; none is a refusal. @throws InvalidInput */
  grant(input: unknown): { readonly left: number } {
    const { openid, templateId, count } = check<GrantInput>(grantRule, input);
    if (!this.#users.has(openid))
      throw new InvalidInput({ field: '/openid', value: openid, issue: 'is unknown: log in first' });
    const left = this.#left(openid, templateId) + count;
    this.#grants.put(keyOf(openid, templateId), left);
    return { left };
  }

  sent(): readonly SentMessage[] {
    return this.#sent;
  }

  send({ touser, template_id, page, data }: Readonly<Record<string, unknown>>): Answer {
    if (typeof touser !== 'string' || !this.#users.has(touser)) return apiError(40003);
    if (typeof template_id !== 'string' || !this.#isKnown(template_id)) return apiError(40037);
    if (page !== undefined && !isPage(page)) return apiError(41030);
    const field = badField(data);
    if (field) return apiError(47003, 200, `argument invalid! data.${field}.value invalid`);
    return this.#deliver({
      openid: touser,
      templateId: template_id,
      ...(page !== undefined && { page }),
      data,
    });
  }

  #deliver(message: SentMessage): Answer {
    const left = this.#left(message.openid, message.templateId);
    if (left === 0) return apiError(43101);
    this.#grants.put(keyOf(message.openid, message.templateId), left - 1);
    this.#sent.push(message);
    if (this.#sent.length > LOGGED) this.#sent.shift();
    return json(200, { errcode: 0, errmsg: 'ok', msgid: this.#sent.length });
  }

  #left(openid: string, templateId: string): number {
    return this.#grants.get(keyOf(openid, templateId)) ?? 0;
  }

  #isKnown(templateId: string): boolean {
    return [...this.#grants.entries()].some(([key]) => key.endsWith(keyOf('', templateId)));
  }
}

function keyOf(openid: string, templateId: string): string {
  return `${openid}/${templateId}`;
}

function isPage(page: unknown): page is string {
  return typeof page === 'string' && /^[\w-]+(\/[\w-]+)*(\?[^\s?]*)?$/.test(page) && page.length <= 1024;
}
