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

/** What a failed SQL statement carries: the values it was sent with, and the row it collided with. */
const statementFields = ['err.parameters', 'err.detail', 'err.where', 'err.driverError'];

export const redactedPaths: string[] = [
  ...secretFields.flatMap(field => [field, `*.${field}`, `*.*.${field}`]),
  ...statementFields,
];
