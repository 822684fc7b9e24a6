import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '../../../platform/http/documented.js';
import { RequiresPermission } from '../../../platform/http/requires-permission.decorator.js';
import { Returns } from '../../../platform/http/returns.decorator.js';
import { CurrentActor, type Actor } from '../session/actor.js';
import {
  adminOrderPage,
  adminOrderQuery,
  adminOrderView,
  orderId,
  shipOrder,
  type AdminOrderQuery,
  type ShipOrderInput,
} from './order.schema.js';
import { AdminOrderService } from './order.service.js';

@Controller('admin/orders')
@ApiTags('admin')
export class AdminOrderController {
  constructor(private readonly orders: AdminOrderService) {}

  @Get()
  @RequiresPermission('orders.read')
  @Returns(200, adminOrderPage, 'of all shoppers, newest first, without addresses')
  listOrders(@Query({ schema: adminOrderQuery }) query: AdminOrderQuery) {
    return this.orders.list(query);
  }

  @Get(':id')
  @RequiresPermission('orders.read')
  @Returns(200, adminOrderView, 'with the address that it goes to')
  getOrder(@Param('id', { schema: orderId }) id: string) {
    return this.orders.get(id);
  }

  @Post(':id/ship')
  @RequiresPermission('orders.ship')
  @Returns(200, adminOrderView, 'on its way; the same shipment again changes nothing, another one is refused')
  shipOrder(
    @CurrentActor() actor: Actor,
    @Param('id', { schema: orderId }) id: string,
    @Body({ schema: shipOrder }) input: ShipOrderInput,
  ) {
    return this.orders.ship(actor, id, input);
  }

  @Post(':id/close')
  @RequiresPermission('orders.close')
  @Returns(
    200,
    adminOrderView,
    'an unpaid order is cancelled and its stock is free; a paid one is refunded instead',
  )
  closeOrder(@CurrentActor() actor: Actor, @Param('id', { schema: orderId }) id: string) {
    return this.orders.close(actor, id);
  }
}
