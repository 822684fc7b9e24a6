import { configSlice } from '../config/config-slice.js';
import { allowance, duration, int, networks } from '../config/fields.js';

/** Loopback, private networks and those between carriers and clouds (RFC 1918, 4193, 6598): no phone comes from there. */
const inside = '127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,fc00::/7';

/**
 * How much anybody may ask for. `600/1m` is 600 requests at once and as many again every minute, evenly. All processes
 * on one Redis count together.
 */
export class RateLimitConfig extends configSlice('limit', {
  address: allowance()
    .prefault('3000/10s')
    .describe(
      'requests from one IP address (IPv6: one /64), then 429; generous, for carriers put many phones behind one',
    ),
  login: allowance()
    .prefault('600/1m')
    .describe('logins and token refreshes from one IP address, of shoppers and staff together'),
  caller: allowance()
    .prefault('600/1m')
    .describe('requests of one shopper, or of one member of staff, whatever the address'),
  order: allowance().prefault('20/1m').describe('orders that one shopper tries to place, repeats included'),
  exempt: networks()
    .prefault(inside)
    .describe('addresses that are not counted: a proxy that http.trustProxy does not name, a neighbour'),
  subjects: int(100, 1_000_000)
    .default(50_000)
    .describe('addresses or callers that one process remembers for each limit'),
  shareInterval: duration({ min: '10ms' })
    .prefault('200ms')
    .describe('how often processes tell each other, over Redis, who asks for much'),
  shareBatch: int(1, 5_000).default(500).describe('how many of those one process tells of at a time'),
}) {}
