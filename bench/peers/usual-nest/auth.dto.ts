import { Exclude } from 'class-transformer';
import { IsString, Length } from 'class-validator';
import type { User } from './entities.js';

export class LoginDto {
  @IsString() @Length(1, 256) code!: string;
}

export class UserDto {
  readonly id: string;
  readonly nickname?: string | undefined;
  readonly avatarUrl?: string | undefined;
  @Exclude() readonly openid: string;

  constructor(user: User) {
    this.id = user.id;
    this.nickname = user.nickname ?? undefined;
    this.avatarUrl = user.avatarUrl ?? undefined;
    this.openid = user.openid;
  }
}

export class LoginAnswerDto {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
  readonly user: UserDto;

  constructor(accessToken: string, refreshToken: string, expiresInSeconds: number, user: User) {
    this.accessToken = accessToken;
    this.refreshToken = refreshToken;
    this.expiresInSeconds = expiresInSeconds;
    this.user = new UserDto(user);
  }
}
