import { Injectable } from '@nestjs/common';
import { newId } from '../../../kernel/id.js';
import { lastIdOf, pageOf, type Page } from '../../../kernel/page.js';
import { Transactor } from '../../../platform/database/transactor.js';
import type { Actor } from '../session/actor.js';
import { AuditRepository, type AuditRow } from './audit.repository.js';
import type { AuditQuery } from './audit.schema.js';
import { differences } from './differences.js';

/** One effect as the log tells it. `before` and `after` hold what differs and no secrets; one side may be missing. */
export interface AuditEntry {
  /** What was done to what: `product.withdraw`. */
  readonly action: string;
  readonly target: string;
  readonly before?: object;
  readonly after?: object;
}

/** Who did what. */
@Injectable()
export class Audit {
  constructor(
    private readonly transactor: Transactor,
    private readonly log: AuditRepository,
  ) {}

  /**
   * Writes one line into the transaction of the effect: told if, and only if, it was done. Throws outside a
   * transaction, because there the promise could not be kept.
   */
  async record(actor: Actor, { action, target, before, after }: AuditEntry): Promise<void> {
    if (!this.transactor.isOpen) throw new Error(`${action} must be recorded inside a transaction`);
    await this.log.insert({
      id: newId(),
      staffId: actor.staffId,
      username: actor.username,
      permission: actor.permission ?? null,
      action,
      targetId: target,
      ...differences(before, after),
      ip: actor.ip,
      requestId: actor.requestId,
    });
  }

  async list({ limit, cursor, ...filter }: AuditQuery): Promise<Page<AuditRow>> {
    const rows = await this.log.list({ ...filter, limit: limit + 1, beforeId: lastIdOf(cursor) });
    return pageOf(rows, limit, ({ id }) => [id]);
  }
}
