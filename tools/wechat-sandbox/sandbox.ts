import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { AccessTokens } from './access-token.ts';
import { apiSurface } from './api-routes.ts';
import type { Clock } from './clock.ts';
import { ContentChecks, DEFAULT_WORDS } from './content-checks.ts';
import type { JudgedWords } from './content-checks.ts';
import { Controls } from './controls.ts';
import { createCredentials, toEnv } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { Faults } from './faults.ts';
import { serve } from './http.ts';
import type { Answer, SandboxRequest } from './http.ts';
import { Login } from './login.ts';
import type { Notice } from './notice.ts';
import { Notifier } from './notifier.ts';
import { PaySurface } from './pay-routes.ts';
import { PhonePayments } from './phone-payment.ts';
import { Phones } from './phone.ts';
import { Pushes } from './push.ts';
import type { Refund } from './refund.ts';
import { Refunds } from './refunds.ts';
import { Shipments } from './shipments.ts';
import type { ShippingRecord } from './shipments.ts';
import { StateStore } from './state-store.ts';
import { Subscriptions } from './subscriptions.ts';
import { Trades } from './trades.ts';
import { Users } from './users.ts';

interface SandboxOptions {
  /** Where credentials, users and trades are kept; without it they end with the process. */
  readonly dataDir?: string;
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly now?: Clock;
  /** Multiplies the notifier's retry clock, 1 unless told. */
  readonly retryFactor?: number;
  /** From accepting a refund to its success, 1 s unless told; a control settles it at once. */
  readonly refundDelayMs?: number;
  /** Words that make a text risky or one for review, 违规 and 可疑 unless told. */
  readonly judgedWords?: JudgedWords;
  /** For tests: keys are slow to make. */
  readonly credentials?: Credentials;
}

export interface Sandbox {
  /** @throws Error before `listen()` */
  readonly url: string;
  /** What a shop needs to take this for WeChat. @throws Error before `listen()` */
  readonly env: Readonly<Record<string, string>>;
  listen(): Promise<void>;
  /** Cuts open connections and pending retries. */
  close(): Promise<void>;
}

const WELCOME = `WeChat sandbox: plays api.weixin.qq.com and WeChat Pay API v3 for a shop under development.
Its controls play the phone: POST /__sandbox/login-codes, phone-codes, payments, refunds, subscriptions, pushes,
faults; GET /__sandbox/notifications, messages, trades/{outTradeNo}, refunds/{outRefundNo}, shipments/{transactionId}.
`;

/** WeChat's servers and phones in one local HTTP server. No real money, no real people. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const store = new StateStore(options.dataDir);
  const credentials = keptCredentials(store, options);
  const { handle, notifier, refunds } = assemble(store, credentials, options);
  const server = serve(handle);
  const host = options.host ?? '127.0.0.1';
  const url = () => urlOf(host, server.address());
  return {
    get url() {
      return url();
    },
    get env() {
      return toEnv(credentials, url());
    },
    async listen() {
      await once(server.listen(options.port ?? 0, host), 'listening');
      store.open();
      notifier.resume();
      refunds.resume();
    },
    async close() {
      server.close();
      server.closeAllConnections();
      refunds.stop();
      await notifier.stop();
      store.close();
    },
  };
}

function keptCredentials(store: StateStore, options: SandboxOptions): Credentials {
  const kept = store.collection<Credentials>('credentials');
  const known = options.credentials ?? kept.get('self');
  if (known?.pushToken) return known;
  // What an earlier version kept stays as it is; it only lacks what it did not know of.
  const created = { ...createCredentials((options.now ?? Date.now)()), ...known };
  kept.put('self', created);
  return created;
}

function assemble(store: StateStore, credentials: Credentials, options: SandboxOptions) {
  const now = options.now ?? Date.now;
  const faults = new Faults();
  const users = new Users(store.collection('users'), now);
  const login = new Login(credentials, users, now);
  const phones = new Phones(credentials.appId, users, now);
  const tokens = new AccessTokens(store.collection('tokens'), now);
  const trades = new Trades(store, now);
  const notices = store.collection<Notice>('notices');
  const retryFactor = options.retryFactor ?? 1;
  const records = store.collection<Refund>('refunds');
  const notifier = new Notifier({ credentials, trades, refunds: records, notices, faults, now, retryFactor });
  const refunds = new Refunds({ records, trades, notifier, now, delayMs: options.refundDelayMs ?? 1_000 });
  const payments = new PhonePayments(credentials, trades, notifier);
  const shipped = store.collection<ShippingRecord>('shipments');
  const shipments = new Shipments({ credentials, trades, refunds, faults, records: shipped, now });
  const subscriptions = new Subscriptions(users, store.collection('grants'));
  const pushes = new Pushes(credentials, now);
  const contentChecks = new ContentChecks(users, options.judgedWords ?? DEFAULT_WORDS);
  const people = { users, login, phones, tokens, subscriptions, contentChecks };
  const parts = { ...people, credentials, trades, refunds, shipments, faults, now };
  const api = apiSurface(parts, faults);
  const pay = new PaySurface(parts);
  const controls = new Controls({ ...parts, payments, pushes, notifier });
  const handle = async (request: SandboxRequest): Promise<Answer> => {
    if (request.path === '/')
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: WELCOME };
    if (request.path.startsWith('/__sandbox/')) return controls.handle(request);
    return request.path.startsWith('/v3/') ? pay.handle(request) : api(request);
  };
  return { handle, notifier, refunds };
}

function urlOf(host: string, address: string | AddressInfo | null): string {
  if (!address || typeof address === 'string') throw new Error('the sandbox is not listening');
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
