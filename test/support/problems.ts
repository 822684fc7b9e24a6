/** Why an answer is not a problem fit for a client, or nothing. The least every refusal has to be (RFC 9457). */
export function flawOf(answer: { status: number; headers: unknown; text: string }): string | undefined {
  const { status, text } = answer;
  if (status < 400 || status > 499) return `status ${status}: ${text.slice(0, 200)}`;
  const type = headerOf(answer.headers, 'content-type');
  if (!type?.startsWith('application/problem+json'))
    return `${status} content-type ${type}: ${text.slice(0, 200)}`;
  const problem = parse(text);
  if (!problem) return `not JSON: ${text.slice(0, 200)}`;
  if (problem['status'] !== status)
    return `status ${String(problem['status'])} in the body, ${status} outside`;
  if (!/^[a-z_]+(\.[a-z_]+)*$/.test(String(problem['code']))) return `code ${String(problem['code'])}`;
  if (!/^[0-9a-f]{32}$/.test(String(problem['traceId']))) return `traceId ${String(problem['traceId'])}`;
  if (headerOf(answer.headers, 'x-trace-id') !== problem['traceId']) return 'traceId differs from x-trace-id';
  if (!problem['type'] || !problem['title']) return `no type or title: ${text}`;
  return leakIn(text);
}

/** A stack, a path of our files, or SQL: nothing of it may leave. */
const inside =
  /\n\s+at |node_modules|file:\/\/|\.[jt]s:\d|QueryFailed|\b(select|insert into|update|delete from)\b .*\b(from|set|values|where)\b|syntax error at/i;

export function leakIn(text: string): string | undefined {
  const leak = inside.exec(text);
  return leak ? `leaks ${JSON.stringify(leak[0])} in ${text.slice(0, 300)}` : undefined;
}

function headerOf(headers: unknown, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = (headers as Record<string, string | string[] | undefined>)[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
