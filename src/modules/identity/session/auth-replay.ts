import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { poll } from '../../../platform/concurrency/poll.js';
import { AuthConfig } from '../auth.config.js';
import { AuthAnswerRepository, type AnsweredRequest } from './auth-answer.repository.js';
import type { Tokens } from './auth.schema.js';
import { hashRefreshToken } from './refresh-token.js';

/**
 * Login codes and refresh tokens work once, but phones send requests twice and lose answers. An answer is kept for
 * `auth.replayWindow`, under what only its client can know: the code, or the refresh token with the Idempotency-Key.
 */
@Injectable()
export class AuthReplay {
  constructor(
    private readonly answers: AuthAnswerRepository,
    private readonly config: AuthConfig,
  ) {}

  /** What this request was answered; null if it never was. */
  find(requestHash: Buffer): Promise<AnsweredRequest | null> {
    return this.answers.find(requestHash, this.config.replayWindow);
  }

  /** For a code that WeChat calls used: waits up to `auth.loginReplayWait` for the twin, here or elsewhere, that spent it. */
  awaitTwin(requestHash: Buffer): Promise<AnsweredRequest | null> {
    return poll(() => this.find(requestHash), this.config.loginReplayWait);
  }

  /** In the transaction that makes the tokens. Returns the answer as it is sent, now and again. */
  async keep(requestHash: Buffer, answer: Tokens): Promise<string> {
    const text = JSON.stringify(answer);
    await this.answers.insert(requestHash, hashRefreshToken(answer.refreshToken), text);
    return text;
  }
}

export function hashLogin(appId: string, code: string): Buffer {
  return hash('login', appId, code);
}

export function hashRefresh(refreshToken: string, key: string): Buffer {
  return hash('refresh', refreshToken, key);
}

function hash(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
