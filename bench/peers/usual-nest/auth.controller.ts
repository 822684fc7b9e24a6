import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { LoginDto, type LoginAnswerDto } from './auth.dto.js';
import { AuthService } from './auth.service.js';

@Controller('auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Post('wechat')
  @HttpCode(200)
  logIn(@Body() { code }: LoginDto): Promise<LoginAnswerDto> {
    return this.auth.logIn(code);
  }
}
