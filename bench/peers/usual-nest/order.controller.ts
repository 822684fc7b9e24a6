import { Body, Controller, Post, UseGuards } from '@nestjs/common';
import { JwtGuard, UserId } from './jwt.guard.js';
import { CreateOrderDto, type OrderDto } from './order.dto.js';
import { OrderService } from './order.service.js';

@Controller('orders')
@UseGuards(JwtGuard)
export class OrderController {
  constructor(private readonly orders: OrderService) {}

  @Post()
  create(@UserId() userId: string, @Body() order: CreateOrderDto): Promise<OrderDto> {
    return this.orders.create(userId, order);
  }
}
