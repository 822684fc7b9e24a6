import { configSlice } from '../../platform/config/config-slice.js';
import { duration, int } from '../../platform/config/fields.js';

/** How long the merchant's staff stay logged in, and how often they may mistake their passwords. */
export class AdminConfig extends configSlice('admin', {
  sessionTtl: duration({ min: '1m' }).prefault('30m').describe('a member of staff logs in again after this'),
  loginWindow: duration({ min: '1s' })
    .prefault('15m')
    .describe('how long a failed login of staff is remembered'),
  loginFailures: int(1, 1_000)
    .default(5)
    .describe('failed logins with one username within the window; the next one is a 429'),
  addressLoginFailures: int(1, 100_000)
    .default(20)
    .describe('the same from one IP address (IPv6: one /64), whatever the usernames'),
}) {}
