import type { z } from 'zod';
import { configSlice, type OtherSlices, type SliceProblem } from '../../platform/config/config-slice.js';
import { duration, int, strongSecret } from '../../platform/config/fields.js';
import { HttpConfig } from '../../platform/http/http.config.js';
import { WechatConfig } from '../../platform/wechat/wechat.config.js';

const fields = {
  jwtSecret: strongSecret(32).describe('signs access tokens; changing it logs everybody out for one refresh'),
  dataKey: strongSecret(32).describe(
    "encrypts session keys and the user's phone number at rest; losing it loses them",
  ),
  accessTokenTtl: duration({ min: '1s' }).prefault('15m').describe('life of an access token'),
  refreshTokenTtl: duration({ min: '1s' })
    .prefault('30d')
    .describe('a shopper who stays away longer logs in again'),
  sessionCacheTtl: duration()
    .prefault('5s')
    .describe('a logout in another process is noticed after at most this'),
  tokenCacheSize: int(100, 1_000_000)
    .default(20_000)
    .describe('access tokens whose signature one process remembers'),
  sessionCacheSize: int(100, 1_000_000).default(20_000).describe('sessions one process remembers'),
  replayWindow: duration()
    .prefault('60s')
    .describe(
      'a login code, or a refresh with its Idempotency-Key, sent again within this gets the same tokens',
    ),
  loginReplayWait: duration()
    .prefault('1500ms')
    .describe('longest wait for the twin that has spent the same code, after WeChat has said so'),
  rebindWindow: duration({ min: '1s' })
    .prefault('10m')
    .describe('a bound phone is replaced only in a session opened within this'),
};

type Values = z.output<z.ZodObject<typeof fields>>;

type Problems = readonly SliceProblem<Values>[];

function rule(values: Partial<Values>, production: boolean, others: OtherSlices): Problems {
  return [...keysAndLives(values), ...(production ? loginTime(values, others) : [])];
}

function keysAndLives(values: Partial<Values>): Problems {
  const { jwtSecret, dataKey, accessTokenTtl = NaN, refreshTokenTtl = NaN, replayWindow = NaN } = values;
  const problems: SliceProblem<Values>[] = [];
  if (jwtSecret !== undefined && jwtSecret === dataKey)
    problems.push({ field: 'dataKey', message: 'must differ from AUTH_JWT_SECRET' });
  if (accessTokenTtl >= refreshTokenTtl)
    problems.push({ field: 'accessTokenTtl', message: 'must be shorter than auth.refreshTokenTtl' });
  // Else tokens could be given again that have expired meanwhile.
  if (accessTokenTtl <= replayWindow)
    problems.push({ field: 'accessTokenTtl', message: 'must be longer than auth.replayWindow' });
  return problems;
}

/** Else the second of two equal logins is answered 503 where its twin's session was about to come. */
function loginTime({ loginReplayWait = 0 }: Partial<Values>, others: OtherSlices): Problems {
  const { requestTimeout = Infinity } = others.find(HttpConfig);
  const { loginTimeout = 0 } = others.find(WechatConfig);
  if (loginTimeout + loginReplayWait < requestTimeout) return [];
  const message = 'with wechat.loginTimeout must be shorter than http.requestTimeout in production';
  return [{ field: 'loginReplayWait', message }];
}

/** Who may come in, for how long, and the keys that protect what we know about them. */
export class AuthConfig extends configSlice('auth', fields, rule) {}
