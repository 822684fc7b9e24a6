import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { poll } from '../../../platform/concurrency/poll.js';
import { AuthConfig } from '../auth.config.js';
import type { LoginAnswer } from './auth.schema.js';
import { LoginCodeRepository, type SpentCode } from './login-code.repository.js';

/**
 * A login code works once at WeChat, but phones send requests twice. The first answer is kept for
 * `auth.loginReplayWindow`, and a twin that arrives while the first is still under way, here or in another process,
 * waits for it.
 */
@Injectable()
export class LoginReplay {
  constructor(
    private readonly codes: LoginCodeRepository,
    private readonly config: AuthConfig,
  ) {}

  /** The answer this code has had; null if there is none, or none that may be given again. */
  async find(codeHash: Buffer): Promise<LoginAnswer | null> {
    return answerOf(await this.codes.find(codeHash, this.config.loginReplayWindow));
  }

  /** For a code that WeChat calls used: waits up to `auth.loginReplayWait` while nobody here is known to have spent it. */
  async awaitTwin(codeHash: Buffer): Promise<LoginAnswer | null> {
    const { loginReplayWindow, loginReplayWait } = this.config;
    return answerOf(await poll(() => this.codes.find(codeHash, loginReplayWindow), loginReplayWait));
  }

  async keep(codeHash: Buffer, sessionId: string, answer: LoginAnswer): Promise<void> {
    await this.codes.insert(codeHash, sessionId, JSON.stringify(answer));
  }
}

export function hashLoginCode(appId: string, code: string): Buffer {
  return createHash('sha256').update(`${appId}\n${code}`).digest();
}

function answerOf(spent: SpentCode | null): LoginAnswer | null {
  return spent?.answer === undefined ? null : (JSON.parse(spent.answer) as LoginAnswer);
}
