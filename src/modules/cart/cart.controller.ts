import { Body, Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../../platform/http/caller.js';
import { ApiTags } from '../../platform/http/documented.js';
import { Returns, ReturnsNothing } from '../../platform/http/returns.decorator.js';
import { cartView, putCartLine, skuIdParam, type CartView, type PutCartLineInput } from './cart.schema.js';
import { CartService } from './cart.service.js';

@Controller('cart')
@ApiTags('cart')
export class CartController {
  constructor(private readonly cart: CartService) {}

  @Get()
  @Returns(200, cartView)
  view(@CurrentCaller() caller: Caller): Promise<CartView> {
    return this.cart.view(caller.userId);
  }

  @Put('items/:skuId')
  @Returns(200, cartView, 'the whole cart')
  put(
    @CurrentCaller() caller: Caller,
    @Param('skuId', { schema: skuIdParam }) skuId: string,
    @Body({ schema: putCartLine }) { quantity }: PutCartLineInput,
  ): Promise<CartView> {
    return this.cart.put(caller.userId, { skuId, quantity });
  }

  @Delete('items/:skuId')
  @ReturnsNothing('removed, or it was not there')
  remove(
    @CurrentCaller() caller: Caller,
    @Param('skuId', { schema: skuIdParam }) skuId: string,
  ): Promise<void> {
    return this.cart.remove(caller.userId, skuId);
  }
}
