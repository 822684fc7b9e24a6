import { z } from 'zod';
import { configSlice } from '../config/config-slice.js';
import { duration, flag, httpUrl, int, port, text, textList } from '../config/fields.js';

export class HttpConfig extends configSlice(
  'http',
  {
    host: text().default('127.0.0.1').meta({ env: 'HOST' }).describe('address of the public listener'),
    port: port().default(3000).meta({ env: 'PORT' }).describe('public port'),
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
    mediaRoot: text().optional().meta({ env: 'MEDIA_ROOT' }).describe('folder served under /media/'),
    trustProxy: z
      .union([flag(), textList()])
      .default(false)
      .describe("true, or addresses of proxies whose X-Forwarded-For is believed for the client's IP"),
    bodyLimit: int(1_024, 16 * 1_048_576)
      .default(1_048_576)
      .describe('largest request body in bytes, then 413'),
    requestTimeout: duration().prefault('5s').describe('an answer that is not ready by then is a 503'),
    keepAliveTimeout: duration()
      .prefault('75s')
      .describe('idle connections stay open; longer than the balancer (60 s)'),
    drainDelay: duration()
      .prefault('0')
      .describe('after SIGTERM: keep serving while balancers notice readyz'),
    shutdownTimeout: duration().prefault('4s').describe('after that the process ends, finished or not'),
    compressAbove: int(0, 1_048_576)
      .default(1_024)
      .describe('answers larger than this many bytes are gzipped'),
    docs: flag().default(true).describe('serve /api/docs and /api/openapi.json'),
  },
  ({ publicBaseUrl }, production) =>
    production && !publicBaseUrl.startsWith('https://')
      ? [
          {
            field: 'publicBaseUrl',
            message: 'must be https in production: mini-programs refuse anything else',
          },
        ]
      : [],
) {}
