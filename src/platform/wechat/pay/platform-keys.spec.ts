import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PayWire } from './pay-wire.js';
import { PlatformKeys } from './platform-keys.js';
import type { WechatConfig } from '../wechat.config.js';
import { WechatUnavailable } from '../wechat-error.js';
import type { WechatAnswer } from '../wechat-http.js';
import {
  TestClock,
  certificateKey,
  certificateSerial,
  certificatesBody,
  countsOf,
  merchantKeys,
  platformKeys,
  publicKeyId,
  signedHeaders,
  testConfig,
  testDuration,
  testMetrics,
} from '../wechat.fixture.js';

const hourMs = 3_600_000;

function setUp(respond: (clock: TestClock) => Promise<WechatAnswer>, overrides: Partial<WechatConfig> = {}) {
  const clock = new TestClock();
  let downloads = 0;
  const wire = { exchange: () => (downloads++, respond(clock)) } as unknown as PayWire;
  const duration = testDuration();
  const keys = new PlatformKeys(testConfig(overrides), wire, clock, testMetrics(duration));
  return { clock, keys, downloads: () => downloads, counts: () => countsOf(duration) };
}

const certificateMode = { publicKeyId: undefined, publicKey: undefined };
const listed =
  (body: string, key = certificateKey) =>
  async (clock: TestClock) => ({
    status: 200,
    headers: signedHeaders(body, clock, certificateSerial, key),
    body: Buffer.from(body),
  });
const strangerSerial = (n: number) => n.toString(16).toUpperCase().padStart(40, '0');

afterEach(() => vi.restoreAllMocks());

describe('PlatformKeys', () => {
  it('knows the configured public key without asking anybody', async () => {
    const { keys, downloads } = setUp(listed(certificatesBody()));
    expect((await keys.find(publicKeyId, 1_000))!.equals(platformKeys.publicKey)).toBe(true);
    expect(downloads()).toBe(0);
  });

  it('never asks WeChat about serials that cannot be certificates', async () => {
    const { keys, downloads } = setUp(listed(certificatesBody()));
    for (const serial of ['PUB_KEY_ID_OTHER', '../../x', '', '__proto__', 'A'.repeat(65)]) {
      expect(await keys.find(serial, 1_000)).toBeNull();
    }
    expect(downloads()).toBe(0);
  });

  it('finds a certificate it did not know, and not again', async () => {
    const { keys, downloads } = setUp(listed(certificatesBody()), certificateMode);
    expect(await keys.find(certificateSerial, 1_000)).not.toBeNull();
    expect(await keys.find(certificateSerial, 1_000)).not.toBeNull();
    expect(downloads()).toBe(1);
  });

  it('lets invented serials cost one download a minute', async () => {
    const { keys, clock, downloads } = setUp(listed(certificatesBody()), certificateMode);
    for (let n = 1; n <= 50; n++) expect(await keys.find(strangerSerial(n), 1_000)).toBeNull();
    expect(downloads()).toBe(1);
    clock.nowMs += 60_000;
    await keys.find(strangerSerial(99), 1_000);
    expect(downloads()).toBe(2);
  });

  it('refreshes within twelve hours, serving the known key meanwhile', async () => {
    const { keys, clock, downloads } = setUp(listed(certificatesBody()), certificateMode);
    await keys.find(certificateSerial, 1_000);
    clock.nowMs += 12 * hourMs;
    expect(await keys.find(certificateSerial, 1_000)).not.toBeNull();
    expect(downloads()).toBe(2);
  });

  it('refuses an expired certificate', async () => {
    const { keys, clock } = setUp(listed(certificatesBody('2026-11-22T17:00:00+08:00')), certificateMode);
    expect(await keys.find(certificateSerial, 1_000)).not.toBeNull();
    clock.nowMs += hourMs;
    expect(await keys.find(certificateSerial, 1_000)).toBeNull();
  });

  it.each([
    ['sealed with another APIv3 key', listed(certificatesBody(undefined, 'f'.repeat(32)))],
    ['signed by nobody it lists', listed(certificatesBody(), merchantKeys.privateKey)],
    ['of an unknown form', listed('{"data":{}}')],
  ])('believes no list that is %s', async (_, respond) => {
    const { keys } = setUp(respond, certificateMode);
    expect(await keys.find(certificateSerial, 1_000)).toBeNull();
  });

  it.each([
    ['a wrong APIv3 key', listed(certificatesBody(undefined, 'f'.repeat(32))), 'misconfigured', 'error'],
    ['an outage', () => Promise.reject(new WechatUnavailable('down')), 'unavailable', 'warn'],
  ] as const)('lets an operator see %s, once', async (_, respond, outcome, level) => {
    const spies = (['warn', 'error'] as const).map(name => [name, vi.spyOn(Logger.prototype, name)] as const);
    const { keys, counts } = setUp(respond, certificateMode);
    await keys.find(certificateSerial, 1_000);
    expect(await counts()).toEqual({ [`certificates ${outcome}`]: 1 });
    const logged = spies.flatMap(([name, spy]) => spy.mock.calls.map(() => name));
    expect(logged).toEqual([level]);
  });

  it('tries again soon after an outage, but not at once', async () => {
    let down = true;
    const answer = listed(certificatesBody());
    const respond = (at: TestClock) => (down ? Promise.reject(new WechatUnavailable('down')) : answer(at));
    const { keys, clock, downloads } = setUp(respond, certificateMode);
    expect(await keys.find(certificateSerial, 1_000)).toBeNull();
    down = false;
    expect(await keys.find(certificateSerial, 1_000)).toBeNull();
    expect(downloads()).toBe(1);
    clock.nowMs += 5_000;
    expect(await keys.find(certificateSerial, 1_000)).not.toBeNull();
  });
});
