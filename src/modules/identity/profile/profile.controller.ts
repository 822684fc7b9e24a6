import { Body, Controller, Get, Headers, Patch, Post, Res } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../../../platform/http/caller.js';
import { ApiTags } from '../../../platform/http/documented.js';
import { Returns } from '../../../platform/http/returns.decorator.js';
import {
  AcceptsIdempotencyKey,
  replyWithStoredAnswer,
  type AnswerReply,
} from '../../../platform/http/stored-answer.js';
import { profileView, type ProfileView } from '../user.schema.js';
import { BindPhone } from './bind-phone.js';
import {
  bindPhone,
  phoneView,
  updateProfile,
  type BindPhoneInput,
  type UpdateProfileInput,
} from './profile.schema.js';
import { ProfileService } from './profile.service.js';

@Controller('me')
@ApiTags('identity')
export class ProfileController {
  constructor(
    private readonly profiles: ProfileService,
    private readonly binding: BindPhone,
  ) {}

  @Get()
  @Returns(200, profileView)
  getProfile(@CurrentCaller() caller: Caller): Promise<ProfileView> {
    return this.profiles.getProfile(caller.userId);
  }

  @Patch()
  @Returns(200, profileView)
  updateProfile(
    @CurrentCaller() caller: Caller,
    @Body({ schema: updateProfile }) input: UpdateProfileInput,
  ): Promise<ProfileView> {
    return this.profiles.update(caller.userId, input);
  }

  @Post('phone')
  @AcceptsIdempotencyKey()
  @Returns(200, phoneView, 'the number is bound')
  async bindPhone(
    @CurrentCaller() caller: Caller,
    @Body({ schema: bindPhone }) input: BindPhoneInput,
    @Headers('idempotency-key') key: string | undefined,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    replyWithStoredAnswer(reply, await this.binding.execute(caller, input, key));
  }
}
