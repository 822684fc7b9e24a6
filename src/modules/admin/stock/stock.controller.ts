import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '../../../platform/http/documented.js';
import { RequiresPermission } from '../../../platform/http/requires-permission.decorator.js';
import { Returns } from '../../../platform/http/returns.decorator.js';
import {
  AcceptsIdempotencyKey,
  replyWithStoredAnswer,
  type AnswerReply,
} from '../../../platform/http/stored-answer.js';
import { requireIdempotencyKey } from '../../../platform/idempotency/idempotency.js';
import { goodsId } from '../goods/goods-field.js';
import { CurrentIntention, type Intention } from '../session/actor.js';
import {
  changeStock,
  ledgerPage,
  ledgerQuery,
  stockView,
  type ChangeStockInput,
  type LedgerPage,
  type LedgerQueryInput,
  type StockView,
} from './stock.schema.js';
import { StockService } from './stock.service.js';

@Controller('admin/skus/:id')
@ApiTags('admin')
export class AdminStockController {
  constructor(private readonly stock: StockService) {}

  @Get('stock')
  @RequiresPermission('stock.read')
  @Returns(200, stockView)
  getStock(@Param('id', { schema: goodsId }) skuId: string): Promise<StockView> {
    return this.stock.get(skuId);
  }

  @Get('stock-ledger')
  @RequiresPermission('stock.read')
  @Returns(200, ledgerPage, 'every movement, newest first; adding up the deltas gives the stock')
  listLedger(
    @Param('id', { schema: goodsId }) skuId: string,
    @Query({ schema: ledgerQuery }) query: LedgerQueryInput,
  ): Promise<LedgerPage> {
    return this.stock.listMovements(skuId, query);
  }

  @Post('stock-changes')
  @RequiresPermission('stock.change')
  @AcceptsIdempotencyKey({ required: true })
  @Returns(201, stockView, 'the stock after it')
  async changeStock(
    @CurrentIntention() { actor, key }: Intention,
    @Param('id', { schema: goodsId }) skuId: string,
    @Body({ schema: changeStock }) input: ChangeStockInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    const intention = { actor, key: requireIdempotencyKey(key) };
    replyWithStoredAnswer(reply, await this.stock.change(intention, skuId, input));
  }
}
