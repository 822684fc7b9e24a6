/** Field names that never reach a log line, wherever in the first three levels of a logged object they stand. */
const secretFields = [
  'authorization',
  'cookie',
  'password',
  'accessToken',
  'access_token',
  'refreshToken',
  'sessionKey',
  'session_key',
  'secret',
  'appSecret',
  'openid',
  'openId',
  'unionid',
  'phone',
  'phoneNumber',
  'purePhoneNumber',
  'telNumber',
  'js_code',
];

export const redactedPaths: string[] = secretFields.flatMap(field => [field, `*.${field}`, `*.*.${field}`]);

/** Errors carry what they failed on: the values of a statement, Redis's command with its password, a whole answer. */
const tellingFields = [
  'code',
  'kind',
  'errcode',
  'operation',
  'flaw',
  'query',
  'status',
  'statusCode',
] as const;
const deepestCause = 4;

/** An error as the log tells it: what it is, where it came from and why, never the data it was about. */
export function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'object' ? '[not an error]' : error;
  const { name, message, stack, cause } = error;
  const fields = error as unknown as Readonly<Record<string, unknown>>;
  const told = tellingFields.map(field => [field, fields[field]] as const);
  return {
    type: name,
    message,
    stack,
    ...Object.fromEntries(told.filter(([, value]) => typeof value === 'string' || typeof value === 'number')),
    ...(cause === undefined || depth === deepestCause ? {} : { cause: serializeError(cause, depth + 1) }),
  };
}
