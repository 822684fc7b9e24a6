import { isStalePlan, type StatementNames } from './prepared-statements.js';

/** The plans of one connection. */
export class Plans {
  private generation: number;

  constructor(
    private readonly names: StatementNames,
    private readonly send: (sql: string) => unknown,
  ) {
    this.generation = names.generation;
  }

  nameOf(sql: string): string | undefined {
    if (this.generation !== this.names.generation) void this.forget();
    return this.names.nameOf(sql);
  }

  /** A plan that PostgreSQL no longer accepts is made again under another name, the next time. */
  notice(error: unknown): void {
    if (isStalePlan(error)) this.names.renew(this.generation);
  }

  /** The old plans would stay for as long as the connection does; should this fail, nothing but memory is lost. */
  private async forget(): Promise<void> {
    this.generation = this.names.generation;
    await Promise.resolve(this.send('deallocate all')).catch(() => undefined);
  }
}
