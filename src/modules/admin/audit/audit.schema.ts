import { z } from 'zod';
import type { Page } from '../../../kernel/page.js';
import { pageQuery } from '../../../platform/http/input/page-query.js';
import type { AuditRow } from './audit.repository.js';

export const auditQuery = z.strictObject({
  staffId: z.string().min(1).max(64).optional(),
  action: z.string().min(1).max(64).optional().describe('such as product.withdraw'),
  targetId: z.string().min(1).max(64).optional(),
  ...pageQuery(),
});
export type AuditQuery = z.output<typeof auditQuery>;

const facts = z.record(z.string(), z.unknown());

const auditView = z.object({
  id: z.string(),
  staffId: z.string().optional().describe('absent for an operator on the command line'),
  username: z.string(),
  permission: z.string().optional(),
  action: z.string(),
  targetId: z.string(),
  before: facts.optional().describe('the fields that changed, as they were'),
  after: facts.optional().describe('the same fields, as they are since'),
  ip: z.string().optional(),
  requestId: z.string().optional(),
  at: z.iso.datetime(),
});
export type AuditView = z.output<typeof auditView>;

export const auditPage = z.object({ items: z.array(auditView), nextCursor: z.string().optional() });
export type AuditPage = z.output<typeof auditPage>;

export function toAuditPage({ items, nextCursor }: Page<AuditRow>): AuditPage {
  return { items: items.map(toAuditView), nextCursor };
}

function toAuditView({ staffId, permission, before, after, ip, requestId, at, ...row }: AuditRow): AuditView {
  return {
    ...row,
    staffId: staffId ?? undefined,
    permission: permission ?? undefined,
    before: before ?? undefined,
    after: after ?? undefined,
    ip: ip ?? undefined,
    requestId: requestId ?? undefined,
    at: at.toISOString(),
  };
}
