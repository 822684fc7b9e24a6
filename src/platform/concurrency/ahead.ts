/**
 * Lets work run ahead of where its result is wanted. Until it is awaited there its failure is nobody's, because what
 * comes first may make it irrelevant.
 */
export function ahead<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}
