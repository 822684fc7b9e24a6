import { Body, Controller, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '../../../platform/http/documented.js';
import { RequiresPermission } from '../../../platform/http/requires-permission.decorator.js';
import { Returns } from '../../../platform/http/returns.decorator.js';
import {
  AcceptsIdempotencyKey,
  replyWithStoredAnswer,
  type AnswerReply,
} from '../../../platform/http/stored-answer.js';
import { CurrentActor, CurrentIntention, type Actor, type Intention } from '../session/actor.js';
import { goodsId } from './goods-field.js';
import {
  adminProductQuery,
  createProduct,
  productPage,
  productSummaryView,
  productView,
  toProductPage,
  toProductView,
  toSummaryView,
  updateProduct,
  type AdminProductQuery,
  type CreateProductInput,
  type UpdateProductInput,
} from './product.schema.js';
import { ProductService } from './product.service.js';

@Controller('admin/products')
@ApiTags('admin')
export class AdminProductController {
  constructor(private readonly products: ProductService) {}

  @Get()
  @RequiresPermission('goods.read')
  @Returns(200, productPage, 'newest first, with what is withdrawn')
  async listProducts(@Query({ schema: adminProductQuery }) query: AdminProductQuery) {
    return toProductPage(await this.products.list(query));
  }

  @Get(':id')
  @RequiresPermission('goods.read')
  @Returns(200, productView)
  async getProduct(@Param('id', { schema: goodsId }) id: string) {
    return toProductView(await this.products.get(id));
  }

  @Post()
  @RequiresPermission('goods.write')
  @AcceptsIdempotencyKey()
  @Returns(201, productView, 'withdrawn until it is put on sale')
  async createProduct(
    @CurrentIntention() intention: Intention,
    @Body({ schema: createProduct }) input: CreateProductInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    replyWithStoredAnswer(reply, await this.products.create(intention, input));
  }

  @Patch(':id')
  @RequiresPermission('goods.write')
  @Returns(200, productSummaryView)
  async updateProduct(
    @CurrentActor() actor: Actor,
    @Param('id', { schema: goodsId }) id: string,
    @Body({ schema: updateProduct }) input: UpdateProductInput,
  ) {
    return toSummaryView(await this.products.update(actor, id, input));
  }

  @Post(':id/withdraw')
  @RequiresPermission('goods.write')
  @Returns(200, productSummaryView, 'nobody can order it any more')
  async withdrawProduct(@CurrentActor() actor: Actor, @Param('id', { schema: goodsId }) id: string) {
    return toSummaryView(await this.products.withdraw(actor, id));
  }

  @Post(':id/put-on-sale')
  @RequiresPermission('goods.write')
  @Returns(200, productSummaryView)
  async putProductOnSale(@CurrentActor() actor: Actor, @Param('id', { schema: goodsId }) id: string) {
    return toSummaryView(await this.products.putOnSale(actor, id));
  }
}
