/**
 * Whether `work` ends, well or badly, within `ms`; it goes on either way. What has arrived while this process was too
 * busy to look has arrived in time: else one busy moment counts as the silence of everybody who was asked.
 */
export async function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>(resolve => {
    timer = setTimeout(() => setImmediate(() => resolve(false)), ms);
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
