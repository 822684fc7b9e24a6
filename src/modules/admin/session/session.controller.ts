import { Body, Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '../../../platform/http/documented.js';
import { Limited } from '../../../platform/http/limit/limit.decorator.js';
import { Public } from '../../../platform/http/public.decorator.js';
import { RequiresPermission } from '../../../platform/http/requires-permission.decorator.js';
import { Returns, ReturnsNothing } from '../../../platform/http/returns.decorator.js';
import { AccountService } from './account.service.js';
import { CurrentActor, RequestOrigin, type Actor, type Origin } from './actor.js';
import { StaffLogIn } from './log-in.js';
import {
  accountView,
  changePassword,
  openSession,
  sessionAnswer,
  toAccountView,
  type AccountView,
  type ChangePasswordInput,
  type OpenSessionInput,
  type SessionAnswer,
} from './session.schema.js';

@Controller('admin')
@ApiTags('admin')
export class StaffSessionController {
  constructor(
    private readonly logIn: StaffLogIn,
    private readonly account: AccountService,
  ) {}

  @Post('session')
  @Public()
  @Limited('login')
  @Returns(200, sessionAnswer, 'logged in')
  openSession(
    @Body({ schema: openSession }) input: OpenSessionInput,
    @RequestOrigin() origin: Origin,
  ): Promise<SessionAnswer> {
    return this.logIn.execute(input, origin);
  }

  @Delete('session')
  @RequiresPermission('account.use')
  @ReturnsNothing('the session has ended')
  closeSession(@CurrentActor() actor: Actor): Promise<void> {
    return this.account.logOut(actor);
  }

  @Get('me')
  @RequiresPermission('account.use')
  @Returns(200, accountView)
  getAccount(@CurrentActor() actor: Actor): AccountView {
    return toAccountView(actor);
  }

  @Put('me/password')
  @RequiresPermission('account.use')
  @ReturnsNothing('changed; every other session has ended')
  changePassword(
    @CurrentActor() actor: Actor,
    @Body({ schema: changePassword }) input: ChangePasswordInput,
  ): Promise<void> {
    return this.account.changePassword(actor, input);
  }
}
