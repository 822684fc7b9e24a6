import { AdminConfig } from './modules/admin/admin.config.js';
import { AuthConfig } from './modules/identity/auth.config.js';
import { CartConfig } from './modules/cart/cart.config.js';
import { OrderConfig } from './modules/order/order.config.js';
import { PaymentConfig } from './modules/payment/payment.config.js';
import { CacheConfig } from './platform/cache/cache.config.js';
import type { ConfigSliceClass } from './platform/config/config-slice.js';
import { DatabaseConfig } from './platform/database/database.config.js';
import { HttpConfig } from './platform/http/http.config.js';
import { LoggingConfig } from './platform/logging/logging.config.js';
import { MetricsConfig } from './platform/metrics/metrics.config.js';
import { WebConfig } from './platform/processes/web.config.js';
import { QueueConfig } from './platform/queue/queue.config.js';
import { RateLimitConfig } from './platform/rate-limit/rate-limit.config.js';
import { RedisConfig } from './platform/redis/redis.config.js';
import { TracingConfig } from './platform/tracing/tracing.config.js';
import { WechatConfig } from './platform/wechat/wechat.config.js';

/** Every slice of configuration; all are validated together before anything starts. */
export const configSlices: readonly ConfigSliceClass[] = [
  HttpConfig,
  WebConfig,
  DatabaseConfig,
  RedisConfig,
  RateLimitConfig,
  CacheConfig,
  QueueConfig,
  LoggingConfig,
  MetricsConfig,
  TracingConfig,
  WechatConfig,
  AuthConfig,
  CartConfig,
  OrderConfig,
  PaymentConfig,
  AdminConfig,
];
