import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../../../platform/http/caller.js';
import { Public } from '../../../platform/http/public.decorator.js';
import { Returns, ReturnsNothing } from '../../../platform/http/returns.decorator.js';
import {
  loginAnswer,
  refreshSession,
  tokens,
  wechatLogin,
  type LoginAnswer,
  type RefreshSessionInput,
  type Tokens,
  type WechatLoginInput,
} from './auth.schema.js';
import { LogIn } from './log-in.js';
import { SessionService } from './session.service.js';

@Controller('auth')
@ApiTags('identity')
export class AuthController {
  constructor(
    private readonly logIn: LogIn,
    private readonly sessions: SessionService,
  ) {}

  @Post('wechat')
  @Public()
  @Returns(200, loginAnswer, 'logged in; the same code sent again within seconds gets the same answer')
  loginWithWechat(@Body({ schema: wechatLogin }) input: WechatLoginInput): Promise<LoginAnswer> {
    return this.logIn.execute(input.code);
  }

  @Post('refresh')
  @Public()
  @Returns(200, tokens, 'the next pair; a refresh token used twice ends the session')
  refresh(@Body({ schema: refreshSession }) input: RefreshSessionInput): Promise<Tokens> {
    return this.sessions.refresh(input.refreshToken);
  }

  @Post('logout')
  @ReturnsNothing('the session has ended')
  logout(@CurrentCaller() caller: Caller): Promise<void> {
    return this.sessions.revoke(caller.sessionId);
  }
}
