import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { MiniProgramClient, type WechatSession } from '../../../platform/wechat/mini-program-client.js';
import { LoginCodeRefused } from '../../../platform/wechat/wechat-error.js';
import { WechatConfig } from '../../../platform/wechat/wechat.config.js';
import { UserRepository } from '../user.repository.js';
import { toUserView } from '../user.schema.js';
import type { LoginAnswer } from './auth.schema.js';
import { hashLoginCode, LoginReplay } from './login-replay.js';
import { SessionService } from './session.service.js';

/** Log in with the code of wx.login. The same code sent twice within seconds opens one session, not an error. */
@Injectable()
export class LogIn {
  constructor(
    private readonly wechat: WechatConfig,
    private readonly client: MiniProgramClient,
    private readonly transactor: Transactor,
    private readonly users: UserRepository,
    private readonly sessions: SessionService,
    private readonly replays: LoginReplay,
  ) {}

  /** @throws LoginCodeRefused, WechatUnavailable, WechatThrottled */
  async execute(code: string): Promise<LoginAnswer> {
    const codeHash = hashLoginCode(this.wechat.appId, code);
    const earlier = await this.replays.find(codeHash);
    if (earlier) return earlier;
    try {
      return await this.open(codeHash, await this.client.codeToSession(code));
    } catch (error) {
      // Only "already used" can mean that a twin of this request got there first; unknown codes are refused at once.
      const twin =
        error instanceof LoginCodeRefused && error.alreadyUsed
          ? await this.replays.awaitTwin(codeHash)
          : null;
      if (!twin) throw error;
      return twin;
    }
  }

  private open(codeHash: Buffer, session: WechatSession): Promise<LoginAnswer> {
    return this.transactor.run(async () => {
      const user = await this.users.upsert(this.wechat.appId, session);
      const { sessionId, tokens } = await this.sessions.open(user.id);
      const answer = { ...tokens, user: toUserView(user) };
      await this.replays.keep(codeHash, sessionId, answer);
      return answer;
    });
  }
}
