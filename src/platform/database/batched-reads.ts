import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { Histogram } from 'prom-client';
import { DatabaseConfig } from './database.config.js';
import { Transactor } from './transactor.js';

/** The rows that there are of these ids, in any order. */
type ReadMany<Row> = (ids: readonly string[]) => Promise<readonly Row[]>;

/** Null when there is no such row. */
type ReadOne<Row> = (id: string) => Promise<Row | null>;

/**
 * Reads by id that come together, of whichever requests, go together: one statement for all that are asked for in one
 * turn of the event loop, which is when a busy server has read what its connections had to say. Promise: nothing is
 * remembered, so that an answer is never older than its question; an id is asked once a statement, which has at most
 * `database.batchMax` of them; a statement that fails has failed for all who wait for it. Inside a transaction a read is
 * sent at once and alone, on the connection that sees what the transaction has written. The span of a statement is of
 * the request that asked first.
 */
@Injectable()
export class BatchedReads {
  private readonly sizes = new Histogram({
    name: 'db_batched_read_size',
    help: 'Ids that one statement has read for all requests of one turn of the event loop, by read',
    labelNames: ['read'],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  });

  constructor(
    private readonly transactor: Transactor,
    private readonly config: DatabaseConfig,
  ) {}

  /** Of `read`, a function for one id. `name` is the label of its metric. */
  byId<Row extends { readonly id: string }>(name: string, read: ReadMany<Row>): ReadOne<Row> {
    const size = this.sizes.labels(name);
    const readBatch = async (ids: readonly string[]): Promise<(Row | null)[]> => {
      // What is asked for from here on may be newer than what the statement sees.
      loader.clearAll();
      size.observe(ids.length);
      const rows = new Map((await read(ids)).map(row => [row.id, row]));
      return ids.map(id => rows.get(id) ?? null);
    };
    const loader = new DataLoader(readBatch, {
      cacheMap: new Asked<Row | null>(),
      maxBatchSize: this.config.batchMax,
      batchScheduleFn: endOfTurn,
    });
    return async id => (this.transactor.isOpen ? ((await read([id]))[0] ?? null) : loader.load(id));
  }
}

/** Who waits for what. Not a Map, whose emptied table would keep alive the next one, and all rows in it (see `Overdue`). */
class Asked<Row> {
  private waiting = new Map<string, Promise<Row>>();

  get(id: string): Promise<Row> | void {
    return this.waiting.get(id);
  }

  set(id: string, row: Promise<Row>): void {
    this.waiting.set(id, row);
  }

  delete(id: string): void {
    this.waiting.delete(id);
  }

  clear(): void {
    this.waiting = new Map();
  }
}

/** After the sockets that have something to say have been read: a microtask or tick comes after each of them. */
function endOfTurn(read: () => void): void {
  setImmediate(read);
}
