import { z } from 'zod';
import type { Page } from '../../../kernel/page.js';
import { pageQuery } from '../../../platform/http/input/page-query.js';
import { maxPasswordLength, minPasswordLength } from '../credential/password-policy.js';
import { roles } from '../permission.js';
import type { StaffMember } from './staff.repository.js';

/** Latin and lower case: two names that look alike must not be two people. */
export const usernameField = z
  .string()
  .min(3)
  .max(32)
  .regex(/^[a-z][a-z0-9._-]*$/);
export const newPasswordField = z.string().min(minPasswordLength).max(maxPasswordLength);

/** Malformed ids answer 404 like unknown ones. */
export const staffIdParam = z.string().max(64);

export const listStaff = z.strictObject(pageQuery(50));
export type ListStaffQuery = z.output<typeof listStaff>;

export const createStaff = z.strictObject({
  username: usernameField,
  role: z.enum(roles),
  password: newPasswordField,
});
export type CreateStaffInput = z.output<typeof createStaff>;

export const changeRole = z.strictObject({ role: z.enum(roles) });
export type ChangeRoleInput = z.output<typeof changeRole>;

export const resetPassword = z.strictObject({ password: newPasswordField });
export type ResetPasswordInput = z.output<typeof resetPassword>;

export const staffView = z.object({
  id: z.string(),
  username: z.string(),
  role: z.enum(roles),
  isActive: z.boolean().describe('false once deactivated'),
  createdAt: z.iso.datetime(),
});
export type StaffView = z.output<typeof staffView>;

export const staffPage = z.object({ items: z.array(staffView), nextCursor: z.string().optional() });
export type StaffPage = Page<StaffView>;

export function toStaffView({ id, username, role, isActive, createdAt }: StaffMember): StaffView {
  return { id, username, role, isActive, createdAt: createdAt.toISOString() };
}
