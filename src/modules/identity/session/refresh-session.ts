import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import type { IdempotentAnswer } from '../../../platform/idempotency/idempotency.js';
import { AuthReplay, hashRefresh } from './auth-replay.js';
import { SessionService } from './session.service.js';

/**
 * A new pair of tokens for a refresh token, which is used up. A client that sends an Idempotency-Key may lose the
 * answer: the same token with the same key gets the same pair. Used again in any other way, the token ends its session.
 */
@Injectable()
export class RefreshSession {
  constructor(
    private readonly transactor: Transactor,
    private readonly sessions: SessionService,
    private readonly replays: AuthReplay,
  ) {}

  /** @throws RefreshReused, RefreshInvalid */
  async execute(refreshToken: string, key: string | undefined): Promise<IdempotentAnswer> {
    const requestHash = key === undefined ? null : hashRefresh(refreshToken, key);
    const answer = await this.rotate(refreshToken, requestHash);
    if (answer !== null) return { status: 200, body: answer, replayed: false };
    // Whoever used the token has committed: of twins, the later one has waited for its row.
    const earlier = requestHash && (await this.replays.find(requestHash));
    if (earlier?.answer !== undefined) return { status: 200, body: earlier.answer, replayed: true };
    return this.sessions.refuseRefresh(refreshToken);
  }

  private rotate(refreshToken: string, requestHash: Buffer | null): Promise<string | null> {
    return this.transactor.run(async () => {
      const tokens = await this.sessions.rotate(refreshToken);
      if (!tokens) return null;
      return requestHash ? this.replays.keep(requestHash, tokens) : JSON.stringify(tokens);
    });
  }
}
