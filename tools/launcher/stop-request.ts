/** Everything that means «please stop»: signals, a closed terminal, and npm killed with -9. */

/**
 * Aborts once, on the first request; later ones change nothing, so a second Ctrl-C cannot break the shutdown.
 * A process group that is signalled as a whole signals us twice anyway: directly and through npm.
 */
export function stopRequest(underNpm: boolean): AbortSignal {
  const request = new AbortController();
  const stop = (): void => request.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // The terminal may be gone while we still have something to say.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  if (underNpm) whenParentIsGone(stop);
  return request.signal;
}

/** npm passes signals on, but killed with -9 it cannot. Our parent is npm itself, because scripts `exec node`. */
function whenParentIsGone(stop: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, 250).unref();
}

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
}
