import { z } from 'zod';
import { maskPhone } from './phone.js';
import type { User } from './user.repository.js';

export const userView = z.object({
  id: z.string(),
  nickname: z.string().optional(),
  avatarUrl: z.url().optional(),
  phoneMasked: z.string().optional().describe('138****8000; the number itself never leaves the shop'),
});
export type UserView = z.output<typeof userView>;

export const profileView = userView.extend({ createdAt: z.iso.datetime() });
export type ProfileView = z.output<typeof profileView>;

export function toUserView({ id, nickname, avatarUrl, phone }: User): UserView {
  return {
    id,
    nickname: nickname ?? undefined,
    avatarUrl: avatarUrl ?? undefined,
    phoneMasked: phone === null ? undefined : maskPhone(phone),
  };
}

export function toProfileView(user: User): ProfileView {
  return { ...toUserView(user), createdAt: user.createdAt.toISOString() };
}
