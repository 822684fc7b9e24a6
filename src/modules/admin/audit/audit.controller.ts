import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '../../../platform/http/documented.js';
import { RequiresPermission } from '../../../platform/http/requires-permission.decorator.js';
import { Returns } from '../../../platform/http/returns.decorator.js';
import { Audit } from './audit.js';
import { auditPage, auditQuery, toAuditPage, type AuditPage, type AuditQuery } from './audit.schema.js';

@Controller('admin/audit')
@ApiTags('admin')
export class AuditController {
  constructor(private readonly audit: Audit) {}

  @Get()
  @RequiresPermission('audit.read')
  @Returns(200, auditPage, 'newest first')
  async listAudit(@Query({ schema: auditQuery }) query: AuditQuery): Promise<AuditPage> {
    return toAuditPage(await this.audit.list(query));
  }
}
