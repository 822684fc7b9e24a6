import { Logger } from '@nestjs/common';
import type { Logger as TypeOrmLogger } from 'typeorm';

/**
 * What TypeORM has to say, into our log. Parameters never: they hold openids, phone numbers and addresses. Failed
 * statements are not logged here but where their error ends up.
 */
export class StatementLogger implements TypeOrmLogger {
  private readonly logger = new Logger('Database');

  logQuerySlow(time: string | number, sql: string): void {
    this.logger.warn({ ms: Number(time), sql: sql.replace(/\s+/g, ' ').trim() }, 'slow statement');
  }

  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    if (level === 'warn') this.logger.warn(String(message));
  }

  logQuery(): void {}

  logQueryError(): void {}

  logSchemaBuild(): void {}

  logMigration(): void {}
}
