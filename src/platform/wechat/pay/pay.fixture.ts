import { Drain } from '../../lifecycle/drain.js';
import { PayApi } from './pay-api.js';
import { PayWire } from './pay-wire.js';
import { PlatformKeys } from './platform-keys.js';
import type { WechatConfig } from '../wechat.config.js';
import { PayHttp } from '../wechat-http.js';
import {
  TestClock,
  signedHeaders,
  startStub,
  testConfig,
  testMetrics,
  type StubAnswer,
  type StubHandler,
} from '../wechat.fixture.js';

/** What the specs of WeChat Pay share: its side played by a handler, and ours up to `PayApi`. */
export async function startPay(handler: StubHandler, overrides: Partial<WechatConfig> = {}) {
  const stub = await startStub(handler);
  const config = testConfig({ payBaseUrl: stub.url, ...overrides });
  const clock = new TestClock();
  const http = new PayHttp(config, new Drain());
  const wire = new PayWire(config, http, clock);
  const metrics = testMetrics();
  const keys = new PlatformKeys(config, wire, clock, metrics);
  const api = new PayApi(config, wire, keys, clock, metrics);
  const close = async (): Promise<void> => {
    stub.close();
    await http.onApplicationShutdown();
  };
  return { config, clock, http, keys, metrics, api, requests: stub.requests, close };
}

export function signed(body: string, status = 200): StubAnswer {
  return { status, headers: signedHeaders(body, new TestClock()), body };
}

/** Unsigned, as WeChat Pay's refusals may be. */
export function refusal(status: number, code: string): StubAnswer {
  return { status, body: JSON.stringify({ code, message: 'm' }) };
}
