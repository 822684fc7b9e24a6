import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { z } from 'zod';
import { configSlice, type OtherSlices, type SliceProblem } from '../config/config-slice.js';
import { duration, flag, httpUrl, int, networks, port, secret, text } from '../config/fields.js';
import { publicUrlFlaw } from '../config/public-host.js';
import { DatabaseConfig } from '../database/database.config.js';

/** `1` is not taken for `true` here: whoever writes it means "one proxy", and would trust everybody. */
function trustedProxies() {
  const error = 'must be true, false, or addresses such as 10.0.0.1 or 10.0.0.0/8';
  const everyOrNone = z
    .union([z.boolean(), z.enum(['true', 'false'])])
    .transform(value => value === true || value === 'true');
  return z.union([everyOrNone, networks(error)], { error });
}

/** A PEM in an environment variable often has its line ends written as `\\n`. */
function pem() {
  return text().transform(value => value.replaceAll('\\n', '\n'));
}

const fields = {
  host: text().default('127.0.0.1').meta({ env: 'HOST' }).describe('address of the public listener'),
  port: port().default(3000).meta({ env: 'PORT' }).describe('public port'),
  tlsCert: pem()
    .optional()
    .describe(
      'PEM of the certificate and its chain; set: the public port speaks TLS, HTTP/2 or HTTP/1.1 as the client likes',
    ),
  tlsKey: secret(pem().optional()).describe('PEM of the certificate’s key'),
  h2cPort: port()
    .optional()
    .describe('port of its own for HTTP/2 without TLS, at the public address; 0: any free port; unset: none'),
  managementHost: text()
    .default('127.0.0.1')
    .meta({ env: 'MANAGEMENT_HOST' })
    .describe('address of the management listener'),
  managementPort: port()
    .default(6060)
    .meta({ env: 'MANAGEMENT_PORT' })
    .describe('metrics; never expose it to the internet'),
  publicBaseUrl: httpUrl()
    .default('http://127.0.0.1:3000')
    .meta({ env: 'PUBLIC_BASE_URL' })
    .describe('how clients and WeChat reach this shop'),
  mediaRoot: text()
    .optional()
    .meta({ env: 'MEDIA_ROOT' })
    .describe(
      'folder served under /media/, where pictures that staff upload are kept; shared by all processes',
    ),
  trustProxy: trustedProxies()
    .default(false)
    .describe("true, or addresses of proxies whose X-Forwarded-For is believed for the client's IP"),
  bodyLimit: int(1_024, 16 * 1_048_576)
    .default(1_048_576)
    .describe('largest request body in bytes, then 413'),
  headerLimit: int(2_048, 65_536)
    .default(16_384)
    .describe('largest head of a request in bytes, its target included, then 431'),
  requestTimeout: duration({ min: '100ms' })
    .prefault('5s')
    .describe('an answer that is not ready so long after its request has arrived is a 503'),
  receiveTimeout: duration({ min: '100ms' })
    .prefault('15s')
    .describe('a request that has not arrived completely by then is a 408'),
  keepAliveTimeout: duration({ min: '1s' })
    .prefault('75s')
    .describe('idle connections stay open; longer than the balancer (60 s)'),
  maxConnections: int(1, 1_000_000)
    .default(10_000)
    .describe(
      'open connections of each port; one more is closed unanswered, before it costs memory or a file descriptor',
    ),
  maxStreams: int(1, 10_000)
    .default(100)
    .describe(
      'requests under way at once on one connection of HTTP/2; one more is refused, to be sent again',
    ),
  drainDelay: duration().prefault('0').describe('after SIGTERM: keep serving while balancers notice readyz'),
  shutdownTimeout: duration({ min: '100ms' })
    .prefault('4s')
    .describe('after that the process ends, finished or not'),
  compressAbove: int(0, 1_048_576).default(1_024).describe('answers larger than this many bytes are gzipped'),
  docs: flag().default(true).describe('serve /api/docs and /api/openapi.json'),
};

type Values = z.output<z.ZodObject<typeof fields>>;
type Problems = readonly SliceProblem<Values>[];

function rule(values: Partial<Values>, production: boolean, others: OtherSlices): Problems {
  return [...keyPair(values), ...(production ? [...baseUrl(values), ...deadline(values, others)] : [])];
}

function keyPair({ tlsCert: cert, tlsKey: key }: Partial<Values>): Problems {
  if (cert === undefined && key === undefined) return [];
  if (cert === undefined) return [{ field: 'tlsCert', message: 'is required beside the key' }];
  if (key === undefined) return [{ field: 'tlsKey', message: 'is required beside the certificate' }];
  if (!isUsable({ cert })) return [{ field: 'tlsCert', message: 'must be a certificate in PEM form' }];
  if (isUsable({ cert, key })) return [];
  return [{ field: 'tlsKey', message: 'must be the key of the certificate, in PEM form' }];
}

function isUsable(context: SecureContextOptions): boolean {
  try {
    createSecureContext(context);
    return true;
  } catch {
    return false;
  }
}

/** Mini-programs refuse anything but https, and WeChat Pay reports payments here unless told another address. */
function baseUrl({ publicBaseUrl }: Partial<Values>): Problems {
  const message = publicBaseUrl === undefined ? null : publicUrlFlaw(publicBaseUrl);
  return message === null ? [] : [{ field: 'publicBaseUrl', message }];
}

/** Else PostgreSQL goes on working for somebody who has been answered 503. */
function deadline({ requestTimeout = Infinity }: Partial<Values>, others: OtherSlices): Problems {
  const { statementTimeout = 0 } = others.find(DatabaseConfig);
  if (statementTimeout < requestTimeout) return [];
  return [
    { field: 'requestTimeout', message: 'must be longer than database.statementTimeout in production' },
  ];
}

/** The listeners, what a request may cost, and how the process ends. */
export class HttpConfig extends configSlice('http', fields, rule) {}
