export type Facts = Readonly<Record<string, unknown>>;

/** What a change turned into what: only the fields that differ, or all of the one side that there is. */
export function differences(
  before: object | undefined,
  after: object | undefined,
): { readonly before: Facts | null; readonly after: Facts | null } {
  if (!before || !after) return { before: before ? { ...before } : null, after: after ? { ...after } : null };
  const old: Facts = { ...before };
  const now: Facts = { ...after };
  const names = Object.keys({ ...old, ...now }).filter(
    name => JSON.stringify(old[name]) !== JSON.stringify(now[name]),
  );
  return { before: pick(old, names), after: pick(now, names) };
}

function pick(facts: Facts, names: readonly string[]): Facts {
  return Object.fromEntries(names.map(name => [name, facts[name]]));
}
