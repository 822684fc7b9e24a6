import type { EntitySubscriberInterface, QueryRunner } from 'typeorm';

type AfterQueryEvent = Parameters<NonNullable<EntitySubscriberInterface['afterQuery']>>[0];

/** The little of a `pg` client that is needed to drop its connection. */
interface Connected {
  readonly databaseConnection?: { readonly connection: { readonly stream: { destroy(): void } } };
}

/**
 * Drops a connection on which the server stopped answering (`query_timeout`). Back in the pool it would fail one
 * request after the other, or, once the server goes on, run them inside the transaction that nobody could roll back:
 * answered with success and never committed.
 */
export class StalledConnectionCloser implements EntitySubscriberInterface {
  afterQuery({ error, queryRunner }: AfterQueryEvent): void {
    if (error instanceof Error && error.message === 'Query read timeout') dropConnection(queryRunner);
  }
}

function dropConnection(runner: QueryRunner): void {
  (runner as Connected).databaseConnection?.connection.stream.destroy();
}
