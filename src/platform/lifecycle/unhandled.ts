/** Errors of Redis and its client, which Bull and ioredis sometimes leave to nobody (a refused AUTH, maxclients). */
const ofRedis = /^(ReplyError|MaxRetriesPerRequestError|AbortError|ParserError)$/;
const closedConnection = /^(Connection is closed|Stream isn't writeable)/;

/**
 * Whether the process may go on although nobody handled this rejection. Redis only helps, and requests are in flight;
 * anything else is a mistake of ours, of unknown reach.
 */
export function isSurvivable(error: unknown): boolean {
  return error instanceof Error && (ofRedis.test(error.name) || closedConnection.test(error.message));
}
