import type pg from 'pg';
import type { PoolClient } from './pool-client.js';
import { answerTo } from './send-on.js';
import type { Statement } from './statement-batch.js';

interface Waiting extends Statement {
  readonly sent: PromiseWithResolvers<pg.QueryResult>;
}

/** Collects the statements of one turn of the event loop, for one connection, and sends them together. */
export class Turn {
  private waiting: Waiting[] = [];

  constructor(private readonly client: PoolClient) {}

  async send(statement: Statement): Promise<pg.QueryResult> {
    const sent = Promise.withResolvers<pg.QueryResult>();
    this.waiting.push({ ...statement, sent });
    if (this.waiting.length === 1) process.nextTick(() => this.flush());
    return answerTo(statement.sql, sent.promise);
  }

  /** Sends what is waiting now. */
  flush(): void {
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    const answers = this.client.batch(waiting);
    for (const [index, { sent }] of waiting.entries()) sent.resolve(answers[index]!);
  }
}
