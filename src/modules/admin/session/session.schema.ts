import { z } from 'zod';
import { maxPasswordLength } from '../credential/password-policy.js';
import { permissionsOf } from '../permission.js';
import { newPasswordField, staffView } from '../staff/staff.schema.js';
import type { Actor } from './actor.js';

const passwordField = z.string().min(1).max(maxPasswordLength);

export const openSession = z.strictObject({
  username: z.string().trim().toLowerCase().min(1).max(64),
  password: passwordField,
});
export type OpenSessionInput = z.output<typeof openSession>;

const member = staffView.pick({ id: true, username: true, role: true });

export const sessionAnswer = z.object({
  accessToken: z.string().describe('for `Authorization: Bearer` on /admin'),
  expiresInSeconds: z.int(),
  staff: member,
});
export type SessionAnswer = z.output<typeof sessionAnswer>;

export const accountView = member.extend({ permissions: z.array(z.string()) });
export type AccountView = z.output<typeof accountView>;

export const changePassword = z.strictObject({
  currentPassword: passwordField,
  newPassword: newPasswordField,
});
export type ChangePasswordInput = z.output<typeof changePassword>;

export function toAccountView({ staffId: id, username, role }: Actor): AccountView {
  return { id, username, role, permissions: [...permissionsOf(role)] };
}
