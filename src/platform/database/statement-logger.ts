import { Logger } from '@nestjs/common';
import type { Logger as TypeOrmLogger } from 'typeorm';

/** What TypeORM has to say, into our log; of statements nothing, because the pool's client sees all of them. */
export class StatementLogger implements TypeOrmLogger {
  private readonly logger = new Logger('Database');

  logQuerySlow(): void {}

  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    if (level === 'warn') this.logger.warn(String(message));
  }

  logQuery(): void {}

  logQueryError(): void {}

  logSchemaBuild(): void {}

  logMigration(): void {}
}
