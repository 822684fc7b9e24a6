import { Body, Controller, Headers, Post, Res } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../../../platform/http/caller.js';
import { ApiTags } from '../../../platform/http/documented.js';
import { Limited } from '../../../platform/http/limit/limit.decorator.js';
import { Public } from '../../../platform/http/public.decorator.js';
import { Returns, ReturnsNothing } from '../../../platform/http/returns.decorator.js';
import {
  AcceptsIdempotencyKey,
  replyWithStoredAnswer,
  type AnswerReply,
} from '../../../platform/http/stored-answer.js';
import {
  loginAnswer,
  refreshSession,
  tokens,
  wechatLogin,
  type RefreshSessionInput,
  type WechatLoginInput,
} from './auth.schema.js';
import { LogIn } from './log-in.js';
import { RefreshSession } from './refresh-session.js';
import { SessionService } from './session.service.js';

@Controller('auth')
@ApiTags('identity')
export class AuthController {
  constructor(
    private readonly logIn: LogIn,
    private readonly refreshSession: RefreshSession,
    private readonly sessions: SessionService,
  ) {}

  @Post('wechat')
  @Public()
  @Limited('login')
  @Returns(200, loginAnswer, 'logged in; the same code sent again within seconds gets the same answer')
  async loginWithWechat(
    @Body({ schema: wechatLogin }) input: WechatLoginInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    replyWithStoredAnswer(reply, await this.logIn.execute(input.code));
  }

  @Post('refresh')
  @Public()
  @Limited('login')
  @AcceptsIdempotencyKey()
  @Returns(
    200,
    tokens,
    'the next pair; used again, except for a retry by key within a minute, it ends the session',
  )
  async refresh(
    @Body({ schema: refreshSession }) input: RefreshSessionInput,
    @Headers('idempotency-key') key: string | undefined,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    replyWithStoredAnswer(reply, await this.refreshSession.execute(input.refreshToken, key));
  }

  @Post('logout')
  @ReturnsNothing('the session has ended')
  logout(@CurrentCaller() caller: Caller): Promise<void> {
    return this.sessions.revoke(caller.sessionId);
  }
}
