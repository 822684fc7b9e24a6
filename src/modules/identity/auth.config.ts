import { configSlice, type SliceProblem } from '../../platform/config/config-slice.js';
import { duration, int, strongSecret } from '../../platform/config/fields.js';

const fields = {
  jwtSecret: strongSecret(32).describe('signs access tokens; changing it logs everybody out for one refresh'),
  dataKey: strongSecret(32).describe('encrypts session keys and phones at rest; losing it loses them'),
  accessTokenTtl: duration().prefault('15m').describe('life of an access token'),
  refreshTokenTtl: duration().prefault('30d').describe('a shopper who stays away longer logs in again'),
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

interface Values {
  readonly jwtSecret: string;
  readonly dataKey: string;
  readonly accessTokenTtl: number;
  readonly refreshTokenTtl: number;
}

function rule({ jwtSecret, dataKey, accessTokenTtl, refreshTokenTtl }: Values): SliceProblem<Values>[] {
  const problems: SliceProblem<Values>[] = [];
  if (jwtSecret === dataKey) problems.push({ field: 'dataKey', message: 'must differ from AUTH_JWT_SECRET' });
  if (accessTokenTtl < 1_000) problems.push({ field: 'accessTokenTtl', message: 'must be at least 1s' });
  if (accessTokenTtl >= refreshTokenTtl) {
    problems.push({ field: 'accessTokenTtl', message: 'must be shorter than auth.refreshTokenTtl' });
  }
  return problems;
}

/** Who may come in, for how long, and the keys that protect what we know about them. */
export class AuthConfig extends configSlice('auth', fields, rule) {}
