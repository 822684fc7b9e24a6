import { Injectable } from '@nestjs/common';
import { isOutOfConnections } from '../../../platform/database/database-error.js';
import { Transactor } from '../../../platform/database/transactor.js';
import type { IdempotentAnswer } from '../../../platform/idempotency/idempotency.js';
import {
  MiniProgramClient,
  type WechatSession,
} from '../../../platform/wechat/mini-program/mini-program-client.js';
import { LoginCodeRefused } from '../../../platform/wechat/wechat-error.js';
import { WechatConfig } from '../../../platform/wechat/wechat.config.js';
import { UserRepository } from '../user.repository.js';
import { toUserView } from '../user.schema.js';
import type { AnsweredRequest } from './auth-answer.repository.js';
import { AuthReplay, hashLogin } from './auth-replay.js';
import type { LoginAnswer } from './auth.schema.js';
import { SessionService } from './session.service.js';

/** What WeChat says of a used code; said in its stead about a code that was spent here. */
const codeUsed = 40163;

/** Log in with the code of wx.login. The same code sent twice within seconds opens one session, not an error. */
@Injectable()
export class LogIn {
  constructor(
    private readonly wechat: WechatConfig,
    private readonly client: MiniProgramClient,
    private readonly transactor: Transactor,
    private readonly users: UserRepository,
    private readonly sessions: SessionService,
    private readonly replays: AuthReplay,
  ) {}

  /** @throws LoginCodeRefused, WechatUnavailable, WechatThrottled */
  async execute(code: string): Promise<IdempotentAnswer> {
    const requestHash = hashLogin(this.wechat.appId, code);
    try {
      const body = await this.open(requestHash, await this.client.codeToSession(code));
      return { status: 200, body, replayed: false };
    } catch (error) {
      if (isOutOfConnections(error)) throw error;
      // Only "already used" can mean that a twin of this request is about to answer it; others are refused at once.
      const mayBeTwins = error instanceof LoginCodeRefused && error.alreadyUsed;
      const earlier = await (mayBeTwins
        ? this.replays.awaitTwin(requestHash)
        : this.replays.find(requestHash));
      if (!earlier) throw error;
      return again(earlier);
    }
  }

  private open(requestHash: Buffer, session: WechatSession): Promise<string> {
    return this.transactor.run(async () => {
      const user = await this.users.upsert(this.wechat.appId, session);
      const draft = this.sessions.draft(user.id);
      const answer: LoginAnswer = { ...draft.tokens, user: toUserView(user) };
      const [, body] = await Promise.all([this.sessions.open(draft), this.replays.keep(requestHash, answer)]);
      return body;
    });
  }
}

function again({ answer }: AnsweredRequest): IdempotentAnswer {
  if (answer === undefined) throw new LoginCodeRefused(codeUsed);
  return { status: 200, body: answer, replayed: true };
}
