import { Injectable } from '@nestjs/common';
import { isId } from '../../../kernel/id.js';
import { Transactor } from '../../../platform/database/transactor.js';

export interface AuditRow {
  readonly id: string;
  readonly staffId: string | null;
  readonly username: string;
  readonly permission: string | null;
  readonly action: string;
  readonly targetId: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly ip: string | null;
  readonly requestId: string | null;
  readonly at: Date;
}

export interface AuditFilter {
  readonly staffId?: string;
  readonly action?: string;
  readonly targetId?: string;
  readonly beforeId: string | null;
  readonly limit: number;
}

/** All SQL of the audit log. There is no way to change or delete a line. */
@Injectable()
export class AuditRepository {
  constructor(private readonly transactor: Transactor) {}

  async insert(row: Omit<AuditRow, 'at'>): Promise<void> {
    const { id, staffId, username, permission, action, targetId, before, after, ip, requestId } = row;
    await this.transactor.execute(
      `insert into audit_log (id, staff_id, username, permission, action, target_id, before, after, ip, request_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [id, staffId, username, permission, action, targetId, before, after, ip, requestId],
    );
  }

  /** Newest first. By member of staff or by target it is one index range; by action alone it walks the log. */
  async list({ staffId, action, targetId, beforeId, limit }: AuditFilter): Promise<AuditRow[]> {
    if (staffId !== undefined && !isId(staffId)) return [];
    return this.transactor.query(
      `select id, staff_id as "staffId", username, permission, action, target_id as "targetId", before, after, ip,
         request_id as "requestId", at
       from audit_log
       where ($1::uuid is null or staff_id = $1) and ($2::text is null or action = $2)
         and ($3::text is null or target_id = $3) and ($4::uuid is null or id < $4)
       order by id desc limit $5`,
      [staffId ?? null, action ?? null, targetId ?? null, beforeId, limit],
    );
  }
}
