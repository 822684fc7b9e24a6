import { Injectable } from '@nestjs/common';
import { Shoppers, type Payer } from '../identity.contract.js';
import { UserRepository } from '../user.repository.js';
import { toProfileView, type ProfileView } from '../user.schema.js';
import type { UpdateProfileInput } from './profile.schema.js';

@Injectable()
export class ProfileService extends Shoppers {
  constructor(private readonly users: UserRepository) {
    super();
  }

  async getProfile(userId: string): Promise<ProfileView> {
    return toProfileView(await this.users.get(userId));
  }

  async update(userId: string, change: UpdateProfileInput): Promise<ProfileView> {
    return toProfileView(await this.users.change(userId, change));
  }

  getPayer(userId: string): Promise<Payer> {
    return this.users.getPayer(userId);
  }
}
