import { Drain } from '../../lifecycle/drain.js';
import { AccessTokenSource } from './access-token-source.js';
import type { AccessTokenStore } from './access-token-store.js';
import { AccessTokens } from './access-token.js';
import { ApiWire } from './api-wire.js';
import { MiniProgramApi } from './mini-program-api.js';
import type { WechatConfig } from '../wechat.config.js';
import { ApiHttp } from '../wechat-http.js';
import {
  TestClock,
  startStub,
  testConfig,
  testMetrics,
  type StubAnswer,
  type StubHandler,
  type StubRequest,
} from '../wechat.fixture.js';

const noStore = {
  read: async () => null,
  write: async () => undefined,
  tryLock: async () => true,
  unlock: async () => undefined,
} as unknown as AccessTokenStore;

/** What the specs of the mini-program API share: its side played by a handler, and ours up to `MiniProgramApi`. */
export async function startApi(handler: StubHandler, overrides: Partial<WechatConfig> = {}) {
  const stub = await startStub(handler);
  const config = testConfig({ apiBaseUrl: stub.url, ...overrides });
  const clock = new TestClock();
  const http = new ApiHttp(config, new Drain());
  const wire = new ApiWire(config, http);
  const metrics = testMetrics();
  const tokens = new AccessTokens(config, noStore, new AccessTokenSource(config, wire, metrics), clock);
  const api = new MiniProgramApi(config, wire, tokens, metrics);
  const close = async (): Promise<void> => {
    stub.close();
    await http.onApplicationShutdown();
  };
  return { config, clock, http, wire, metrics, api, requests: stub.requests, close };
}

/** The mini-program API labels its JSON so. */
export function json(value: unknown, status = 200): StubAnswer {
  return { status, headers: { 'Content-Type': 'text/plain' }, body: JSON.stringify(value) };
}

/** Plays the token endpoint; `answer` plays the rest, and may decide by the token it is asked with. */
export function withTokens(
  answer: (token: string, request: StubRequest) => StubAnswer | 'cut' | null,
): StubHandler {
  let fetches = 0;
  return request => {
    const url = new URL(request.path, 'http://stub');
    if (url.pathname === '/cgi-bin/stable_token')
      return json({ access_token: `token-${++fetches}`, expires_in: 7200 });
    return answer(url.searchParams.get('access_token')!, request);
  };
}
