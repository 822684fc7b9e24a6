import { inject } from 'vitest';
import { call, type Answer, type RequestOptions } from './http.ts';
import type { TestApp } from './app.ts';

type Target = Pick<TestApp, 'url' | 'sandboxUrl'>;
type Json = Record<string, unknown>;

export const homeAddress = {
  userName: '张三',
  telNumber: '13800138000',
  provinceName: '广东省',
  cityName: '深圳市',
  countyName: '南山区',
  detailInfo: '科技园 1 号',
} as const;

/** A person with a phone: logs in through the sandbox and talks to the shop. */
export class Shopper {
  readonly target: Target;
  readonly openid: string;
  readonly token: string;
  readonly refreshToken: string;
  readonly userId: string;
  private addressId?: string;

  private constructor(target: Target, openid: string, session: Session) {
    this.target = target;
    this.openid = openid;
    this.token = session.accessToken;
    this.refreshToken = session.refreshToken;
    this.userId = session.user.id;
  }

  static async login(target: Target, openid?: string): Promise<Shopper> {
    const minted = await loginCode(target, openid);
    const answer = await call<Session>('POST', `${target.url}/api/v1/auth/wechat`, {
      body: { code: minted.code },
    });
    if (answer.status !== 200) throw new Error(`login failed: ${answer.status} ${answer.text}`);
    return new Shopper(target, minted.openid, answer.body);
  }

  get<T = Json>(path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.send('GET', path, options);
  }

  post<T = Json>(path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.send('POST', path, { body, ...options });
  }

  put<T = Json>(path: string, body?: unknown): Promise<Answer<T>> {
    return this.send('PUT', path, { body });
  }

  send<T = Json>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    return call<T>(method, `${this.target.url}/api/v1${path}`, { token: this.token, ...options });
  }

  async addAddress(): Promise<string> {
    const answer = await this.post<{ id: string }>('/addresses', homeAddress);
    if (answer.status !== 201) throw new Error(`address refused: ${answer.status} ${answer.text}`);
    return answer.body.id;
  }

  /** Orders `quantity` of a SKU and returns the order as answered. */
  async order(skuId: string, quantity = 1): Promise<OrderBody> {
    this.addressId ??= await this.addAddress();
    const { addressId } = this;
    const answer = await this.post<OrderBody>(
      '/orders',
      { items: [{ skuId, quantity }], addressId },
      { key: true },
    );
    if (answer.status !== 201) throw new Error(`order refused: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  /** Asks for payment parameters and pays on the phone. */
  async pay(orderId: string, options: Json = {}): Promise<Answer> {
    const params = await this.post(`/orders/${orderId}/payment`);
    if (params.status !== 200) throw new Error(`payment refused: ${params.status} ${params.text}`);
    return call('POST', `${this.target.sandboxUrl}/__sandbox/payments`, {
      body: { ...params.body, ...options },
    });
  }
}

interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly user: { readonly id: string };
}

export interface OrderBody {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly expiresAt?: string;
  readonly amounts: { readonly itemsFen: number; readonly freightFen: number; readonly totalFen: number };
  readonly items: readonly { readonly skuId: string; readonly quantity: number; readonly priceFen: number }[];
}

export async function loginCode(target: Target, openid?: string): Promise<{ code: string; openid: string }> {
  const body = openid === undefined ? {} : { openid };
  const answer = await call<{ code: string; openid: string }>(
    'POST',
    `${target.sandboxUrl}/__sandbox/login-codes`,
    { body },
  );
  return answer.body;
}

/** Turns on the faults of a sandbox of one's own, for the shared one would strike other files; `{}` clears them. */
export async function sandboxFaults(target: Target, faults: Json): Promise<void> {
  if (target.sandboxUrl === inject('sandboxUrl')) throw new Error('faults need a WeChat of their own');
  const answer = await call('POST', `${target.sandboxUrl}/__sandbox/faults`, { body: faults });
  if (answer.status !== 200) throw new Error(`faults refused: ${answer.text}`);
}
