import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { newId } from '../../../kernel/id.js';
import { AccessTokenSource } from './access-token-source.js';
import { AccessTokenStore, type AccessToken } from './access-token-store.js';
import { WechatConfig } from '../wechat.config.js';
import { WechatUnavailable, severityOf } from '../wechat-error.js';
import { Deadline, waitUntil } from '../wechat-http.js';

/** In its last five minutes WeChat renews the token, and the old and the new one are both good. */
const overlapMs = 300_000;
const jitterMs = 60_000;
const afterFailurePauseMs = 10_000;
const pollMs = 50;

/**
 * The mini-program's access token, one for all processes of the shop. Promise: in steady state no network at all; one
 * fetch at a time, in this process and across processes; the old token is served while the new one is fetched; without
 * Redis each process keeps its own copy of the same token. A fetch has `wechat.requestTimeout` of its own, whoever waits
 * for it; a caller waits until its own deadline.
 */
@Injectable()
export class AccessTokens {
  private readonly logger = new Logger(AccessTokens.name);
  private held: AccessToken | null = null;
  private pausedUntilMs = 0;
  /** One flight per token that WeChat refused; '' for the ordinary one. */
  private readonly flights = new Map<string, Promise<AccessToken>>();

  constructor(
    private readonly config: WechatConfig,
    private readonly store: AccessTokenStore,
    private readonly source: AccessTokenSource,
    private readonly clock: Clock,
  ) {}

  /** @throws WechatUnavailable, WechatThrottled, WechatMisconfigured, WechatRefused, before `deadline` is over */
  async get(deadline: Deadline): Promise<string> {
    const { held } = this;
    if (!held || !this.isAlive(held)) return this.renewed('', deadline);
    if (!this.isFresh(held)) this.renewBehind();
    return held.value;
  }

  /**
   * A token other than `refused`, which WeChat has just answered with 40001, 40014 or 42001. When another process has
   * replaced it already, that one is taken and nothing is fetched.
   */
  async renewAfter(refused: string, deadline: Deadline): Promise<string> {
    const { held } = this;
    if (held && held.value !== refused && this.isAlive(held)) return held.value;
    this.held = null;
    return this.renewed(refused, deadline);
  }

  private async renewed(refused: string, deadline: Deadline): Promise<string> {
    return (await waitUntil(deadline, this.renew(refused), 'the access token')).value;
  }

  private renewBehind(): void {
    if (this.nowMs() < this.pausedUntilMs) return;
    this.renew('').catch((error: unknown) => {
      this.pausedUntilMs = this.nowMs() + afterFailurePauseMs;
      this.logger[severityOf(error)]({ err: error }, 'the access token could not be refreshed ahead of time');
    });
  }

  private renew(refused: string): Promise<AccessToken> {
    const underWay = this.flights.get(refused);
    if (underWay) return underWay;
    const flight = this.share(refused).finally(() => this.flights.delete(refused));
    this.flights.set(refused, flight);
    return flight;
  }

  /** The store is read *after* each attempt to lock: whoever held the lock before us may have left a token there. */
  private async share(refused: string): Promise<AccessToken> {
    const owner = newId();
    const deadline = new Deadline(this.config.requestTimeout);
    do {
      const locked = await this.store.tryLock(owner, this.config.requestTimeout + 1_000);
      try {
        const stored = await this.store.read();
        const usable = stored !== null && stored.value !== refused && this.isAlive(stored);
        if (usable && (!locked || this.isFresh(stored))) return (this.held = stored);
        if (locked) return await this.fetch(deadline);
      } finally {
        if (locked) await this.store.unlock(owner);
      }
      await sleep(pollMs);
    } while (deadline.leftMs() > 0);
    throw new WechatUnavailable('another process is still fetching the access token');
  }

  private async fetch(deadline: Deadline): Promise<AccessToken> {
    const { value, expiresInSeconds } = await this.source.fetch(deadline);
    const token = this.schedule(value, expiresInSeconds * 1000);
    this.held = token;
    await this.store.write(token);
    return token;
  }

  /** The jitter only delays: asked before the last five minutes, WeChat would give the same token again. */
  private schedule(value: string, lifeMs: number): AccessToken {
    const expiresAtMs = this.nowMs() + lifeMs;
    const untilRefreshMs = Math.max(lifeMs / 2, lifeMs - overlapMs + Math.random() * jitterMs);
    return { value, expiresAtMs, refreshAtMs: expiresAtMs - lifeMs + untilRefreshMs };
  }

  private isAlive(token: AccessToken): boolean {
    return this.nowMs() < token.expiresAtMs;
  }

  private isFresh(token: AccessToken): boolean {
    return this.nowMs() < token.refreshAtMs;
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}
