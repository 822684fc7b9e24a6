import { Controller, Get, HttpCode, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { CartController } from './cart.controller.js';
import { CartService } from './cart.service.js';
import { CatalogController } from './catalog.controller.js';
import { CatalogService } from './catalog.service.js';
import { entities } from './entities.js';
import { JwtGuard } from './jwt.guard.js';
import { OrderController } from './order.controller.js';
import { OrderService } from './order.service.js';

@Controller()
class ReadyController {
  @Get('readyz')
  @HttpCode(200)
  ready(): string {
    return 'ok';
  }
}

const dataSource = {
  provide: DataSource,
  useFactory: () =>
    new DataSource({
      type: 'postgres',
      url: process.env['DATABASE_URL'],
      entities,
      poolSize: 10,
    }).initialize(),
};

@Module({
  controllers: [ReadyController, CatalogController, AuthController, CartController, OrderController],
  providers: [dataSource, JwtGuard, CatalogService, AuthService, CartService, OrderService],
})
export class AppModule {}
