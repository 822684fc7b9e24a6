import { Body, Controller, Param, ParseUUIDPipe, Put, UseGuards } from '@nestjs/common';
import { PutLineDto, type CartDto } from './cart.dto.js';
import { CartService } from './cart.service.js';
import { JwtGuard, UserId } from './jwt.guard.js';

@Controller('cart')
@UseGuards(JwtGuard)
export class CartController {
  constructor(private readonly cart: CartService) {}

  @Put('items/:skuId')
  put(
    @UserId() userId: string,
    @Param('skuId', ParseUUIDPipe) skuId: string,
    @Body() { quantity }: PutLineDto,
  ): Promise<CartDto> {
    return this.cart.put(userId, skuId, quantity);
  }
}
