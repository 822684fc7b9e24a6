/** What the merchant works with: the routes of the staff, asked over HTTP like everything else. */
import type pg from 'pg';
import { newId } from '../../src/kernel/id.ts';
import { hashPassword } from '../../src/modules/admin/credential/password-hash.ts';
import { call, type Answer } from '../support/http.ts';

const password = 'correct horse battery';

export class Desk {
  readonly #url: string;
  readonly #username: string;
  #token = '';

  private constructor(url: string, username: string) {
    this.#url = url;
    this.#username = username;
  }

  static async open(url: string, database: pg.Pool): Promise<Desk> {
    const id = newId();
    const username = `merchant-${id.slice(-8)}`;
    await database.query(
      `insert into staff (id, username, role, password_hash) values ($1, $2, 'manager', $3)`,
      [id, username, await hashPassword(password)],
    );
    return new Desk(url, username);
  }

  approve(requestId: string, { restock }: { readonly restock: boolean }): Promise<Answer> {
    return this.#post(`/refunds/${requestId}/approve`, { restock });
  }

  refuse(requestId: string, reason: string): Promise<Answer> {
    return this.#post(`/refunds/${requestId}/refuse`, { reason });
  }

  ship(orderId: string): Promise<Answer> {
    return this.#post(`/orders/${orderId}/ship`, { carrier: 'SF', trackingNumber: `SF${orderId}` });
  }

  /** Sessions end sooner than a long night of runs. */
  async #post(path: string, body: unknown): Promise<Answer> {
    const answer = await this.#send(path, body);
    if (answer.status !== 401) return answer;
    const session = await this.#send<{ accessToken: string }>('/session', {
      username: this.#username,
      password,
    });
    this.#token = session.body.accessToken;
    return this.#send(path, body);
  }

  #send<T = Record<string, unknown>>(path: string, body: unknown): Promise<Answer<T>> {
    return call<T>('POST', `${this.#url}/api/v1/admin${path}`, { token: this.#token, body });
  }
}
