import { Body, Controller, Param, Patch, Post, Res } from '@nestjs/common';
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
import { createSku, skuView, updateSku, type CreateSkuInput, type UpdateSkuInput } from './sku.schema.js';
import { SkuService } from './sku.service.js';

@Controller('admin')
@ApiTags('admin')
export class AdminSkuController {
  constructor(private readonly skus: SkuService) {}

  @Post('products/:id/skus')
  @RequiresPermission('goods.write')
  @AcceptsIdempotencyKey()
  @Returns(201, skuView, 'on sale as soon as its product is')
  async createSku(
    @CurrentIntention() intention: Intention,
    @Param('id', { schema: goodsId }) productId: string,
    @Body({ schema: createSku }) input: CreateSkuInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    replyWithStoredAnswer(reply, await this.skus.add(intention, productId, input));
  }

  @Patch('skus/:id')
  @RequiresPermission('goods.write')
  @Returns(200, skuView)
  updateSku(
    @CurrentActor() actor: Actor,
    @Param('id', { schema: goodsId }) id: string,
    @Body({ schema: updateSku }) input: UpdateSkuInput,
  ) {
    return this.skus.update(actor, id, input);
  }

  @Post('skus/:id/withdraw')
  @RequiresPermission('goods.write')
  @Returns(200, skuView, 'nobody can order it any more')
  withdrawSku(@CurrentActor() actor: Actor, @Param('id', { schema: goodsId }) id: string) {
    return this.skus.withdraw(actor, id);
  }

  @Post('skus/:id/put-on-sale')
  @RequiresPermission('goods.write')
  @Returns(200, skuView)
  putSkuOnSale(@CurrentActor() actor: Actor, @Param('id', { schema: goodsId }) id: string) {
    return this.skus.putOnSale(actor, id);
  }
}
