import { Module, type DynamicModule } from '@nestjs/common';
import { AdminModule } from './modules/admin/admin.module.js';
import { CartModule } from './modules/cart/cart.module.js';
import { CatalogModule } from './modules/catalog/catalog.module.js';
import { IdentityModule } from './modules/identity/identity.module.js';
import { InventoryModule } from './modules/inventory/inventory.module.js';
import { OrderModule } from './modules/order/order.module.js';
import { PaymentModule } from './modules/payment/payment.module.js';
import { PromotionModule } from './modules/promotion/promotion.module.js';
import { PushModule } from './modules/push/push.module.js';
import { StorefrontModule } from './modules/storefront/storefront.module.js';
import { CacheModule } from './platform/cache/cache.module.js';
import { ConfigModule } from './platform/config/config.module.js';
import type { LoadedConfig } from './platform/config/load-config.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { EventsModule } from './platform/events/events.module.js';
import { HealthModule } from './platform/health/health.module.js';
import { HttpModule } from './platform/http/http.module.js';
import { IdempotencyModule } from './platform/idempotency/idempotency.module.js';
import { LifecycleModule } from './platform/lifecycle/lifecycle.module.js';
import { LoggingConfig } from './platform/logging/logging.config.js';
import { LoggingModule } from './platform/logging/logging.module.js';
import { MetricsModule } from './platform/metrics/metrics.module.js';
import { QueueModule } from './platform/queue/queue.module.js';
import { RateLimitModule } from './platform/rate-limit/rate-limit.module.js';
import { RedisModule } from './platform/redis/redis.module.js';
import { TracingConfig } from './platform/tracing/tracing.config.js';
import { TracingModule } from './platform/tracing/tracing.module.js';

/** The table of contents: first what the house stands on, then what the shop does. */
@Module({
  imports: [
    LifecycleModule,
    TracingModule,
    MetricsModule,
    DatabaseModule,
    RedisModule,
    RateLimitModule,
    CacheModule,
    QueueModule,
    EventsModule,
    IdempotencyModule,
    HttpModule,
    HealthModule,
    IdentityModule,
    InventoryModule,
    CatalogModule,
    StorefrontModule,
    PromotionModule,
    CartModule,
    PaymentModule,
    OrderModule,
    PushModule,
    AdminModule,
  ],
})
export class AppModule {
  static register(config: LoadedConfig): DynamicModule {
    const { level } = config.get(LoggingConfig);
    const service = config.get(TracingConfig).serviceName;
    return {
      module: AppModule,
      imports: [ConfigModule.forRoot(config), LoggingModule.forRoot({ level, service })],
    };
  }
}
