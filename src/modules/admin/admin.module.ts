import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CatalogModule } from '../catalog/catalog.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { InventoryModule } from '../inventory/inventory.module.js';
import { OrderModule } from '../order/order.module.js';
import { PromotionModule } from '../promotion/promotion.module.js';
import { AdminRetention } from './admin-retention.js';
import { AdminRefundController } from './aftersale/refund.controller.js';
import { AdminRefundService } from './aftersale/refund.service.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditRepository } from './audit/audit.repository.js';
import { Audit } from './audit/audit.js';
import { AdminCouponController } from './coupon/coupon.controller.js';
import { AdminCouponService } from './coupon/coupon.service.js';
import { CredentialCheck } from './credential/credential-check.js';
import { LoginThrottle } from './credential/login-throttle.js';
import { LoginThrottleRepository } from './credential/login-throttle.repository.js';
import { AdminCategoryController } from './goods/category.controller.js';
import { CategoryService } from './goods/category.service.js';
import { AdminProductController } from './goods/product.controller.js';
import { ProductService } from './goods/product.service.js';
import { AdminSkuController } from './goods/sku.controller.js';
import { SkuService } from './goods/sku.service.js';
import { AdminMediaController } from './media/media.controller.js';
import { MediaService } from './media/media.service.js';
import { AdminOrderController } from './order/order.controller.js';
import { AdminOrderService } from './order/order.service.js';
import { AccountService } from './session/account.service.js';
import { StaffLogIn } from './session/log-in.js';
import { StaffSessionController } from './session/session.controller.js';
import { StaffGuard } from './session/staff.guard.js';
import { StaffSessionRepository } from './session/staff-session.repository.js';
import { StaffTokenSigner } from './session/staff-token.js';
import { StaffController } from './staff/staff.controller.js';
import { StaffRepository } from './staff/staff.repository.js';
import { StaffService } from './staff/staff.service.js';
import { AdminStockController } from './stock/stock.controller.js';
import { StockService } from './stock/stock.service.js';

/**
 * Owns: the merchant's staff, their sessions, the audit log, and the pictures they upload. The rest of /admin is a door
 * to other modules.
 * Promises: no route without a permission; what a role may do is one table; a dismissal holds from the next request on;
 * every write that is done leaves one line in the audit log, in its own transaction, and a refused one none.
 * Calls: the contracts of identity, catalog, inventory, promotion and order. Publishes nothing.
 */
@Module({
  imports: [IdentityModule, CatalogModule, InventoryModule, PromotionModule, OrderModule],
  controllers: [
    StaffSessionController,
    StaffController,
    AuditController,
    AdminCategoryController,
    AdminProductController,
    AdminSkuController,
    AdminStockController,
    AdminOrderController,
    AdminRefundController,
    AdminCouponController,
    AdminMediaController,
  ],
  providers: [
    { provide: APP_GUARD, useClass: StaffGuard },
    AuditRepository,
    Audit,
    StaffRepository,
    StaffSessionRepository,
    StaffTokenSigner,
    LoginThrottleRepository,
    LoginThrottle,
    CredentialCheck,
    StaffLogIn,
    AccountService,
    StaffService,
    CategoryService,
    ProductService,
    SkuService,
    StockService,
    AdminOrderService,
    AdminRefundService,
    AdminCouponService,
    MediaService,
    AdminRetention,
  ],
})
export class AdminModule {}
