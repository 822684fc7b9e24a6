import { Injectable } from '@nestjs/common';
import { ContentCheck } from '../../../platform/wechat/mini-program/content-check.js';
import { Shoppers, type Payer } from '../identity.contract.js';
import { NicknameRefused } from '../identity.errors.js';
import { UserRepository } from '../user.repository.js';
import { toProfileView, type ProfileView } from '../user.schema.js';
import type { UpdateProfileInput } from './profile.schema.js';

@Injectable()
export class ProfileService extends Shoppers {
  constructor(
    private readonly users: UserRepository,
    private readonly contentCheck: ContentCheck,
  ) {
    super();
  }

  async getProfile(userId: string): Promise<ProfileView> {
    return toProfileView(await this.users.get(userId));
  }

  /**
   * Others see a nickname, so what WeChat has not passed is not stored.
   * @throws NicknameRefused; ShopperAway, WechatUnavailable, WechatThrottled if it could not be checked
   */
  async update(userId: string, change: UpdateProfileInput): Promise<ProfileView> {
    if (change.nickname !== undefined) await this.check(userId, change.nickname);
    return toProfileView(await this.users.change(userId, change));
  }

  getPayer(userId: string): Promise<Payer> {
    return this.users.getPayer(userId);
  }

  private async check(userId: string, nickname: string): Promise<void> {
    const { openid } = await this.users.getPayer(userId);
    const verdict = await this.contentCheck.checkText({ openid, content: nickname, scene: 'profile' });
    if (verdict !== 'pass') throw new NicknameRefused();
  }
}
