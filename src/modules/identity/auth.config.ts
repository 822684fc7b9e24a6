import type { z } from 'zod';
import { configSlice, type SliceProblem } from '../../platform/config/config-slice.js';
import { duration, int, strongSecret } from '../../platform/config/fields.js';

const fields = {
  jwtSecret: strongSecret(32).describe('signs access tokens; changing it logs everybody out for one refresh'),
  dataKey: strongSecret(32).describe('encrypts session keys and phones at rest; losing it loses them'),
  accessTokenTtl: duration({ min: '1s' }).prefault('15m').describe('life of an access token'),
  refreshTokenTtl: duration({ min: '1s' })
    .prefault('30d')
    .describe('a shopper who stays away longer logs in again'),
  sessionCacheTtl: duration()
    .prefault('5s')
    .describe('a logout in another process is noticed after at most this'),
  sessionCacheSize: int(100, 1_000_000).default(20_000).describe('sessions one process remembers'),
  loginReplayWindow: duration()
    .prefault('60s')
    .describe('a login code sent again within this gets the same session; below the 5 minutes a code lives'),
  loginReplayWait: duration()
    .prefault('3s')
    .describe('longest wait for the twin that has spent the same code; below http.requestTimeout'),
};

type Values = z.output<z.ZodObject<typeof fields>>;

function rule(values: Partial<Values>): readonly SliceProblem<Values>[] {
  const { jwtSecret, dataKey, accessTokenTtl = 0, refreshTokenTtl = Infinity } = values;
  const problems: SliceProblem<Values>[] = [];
  if (jwtSecret !== undefined && jwtSecret === dataKey)
    problems.push({ field: 'dataKey', message: 'must differ from AUTH_JWT_SECRET' });
  if (accessTokenTtl >= refreshTokenTtl)
    problems.push({ field: 'accessTokenTtl', message: 'must be shorter than auth.refreshTokenTtl' });
  return problems;
}

/** Who may come in, for how long, and the keys that protect what we know about them. */
export class AuthConfig extends configSlice('auth', fields, rule) {}
