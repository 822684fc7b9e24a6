import type { KeepAliveClient, Outcome } from './keep-alive-client.ts';

/** A shop that lets requests wait for a lock for as long as a test holds it, and drains for as long. */
export const slowEnv = {
  DATABASE_LOCK_TIMEOUT: '20s',
  DATABASE_STATEMENT_TIMEOUT: '20s',
  HTTP_REQUEST_TIMEOUT: '20s',
  HTTP_SHUTDOWN_TIMEOUT: '20s',
};

/** Routes of several kinds: without a database, cached as a whole, cached by what is asked for. */
export const paths = ['/ping', '/api/v1/home', '/api/v1/categories', '/api/v1/products?limit=5'];

/** Sends one request after the other until told to stop, as one connection of a balancer does. */
export async function load(
  client: KeepAliveClient,
  isStopped: () => boolean,
  outcomes: Outcome[],
  asked: readonly string[] = paths,
): Promise<void> {
  for (let turn = 0; !isStopped(); turn++) outcomes.push(await client.send(asked[turn % asked.length]!));
}
