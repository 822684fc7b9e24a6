import { Body, Controller, Delete, Get, Param, Patch, Post, Res } from '@nestjs/common';
import { ApiTags } from '../../../platform/http/documented.js';
import { RequiresPermission } from '../../../platform/http/requires-permission.decorator.js';
import { Returns, ReturnsNothing } from '../../../platform/http/returns.decorator.js';
import {
  AcceptsIdempotencyKey,
  replyWithStoredAnswer,
  type AnswerReply,
} from '../../../platform/http/stored-answer.js';
import { CurrentActor, CurrentIntention, type Actor, type Intention } from '../session/actor.js';
import {
  categoryList,
  categoryView,
  createCategory,
  updateCategory,
  type CategoryView,
  type CreateCategoryInput,
  type UpdateCategoryInput,
} from './category.schema.js';
import { CategoryService } from './category.service.js';
import { goodsId } from './goods-field.js';

@Controller('admin/categories')
@ApiTags('admin')
export class AdminCategoryController {
  constructor(private readonly categories: CategoryService) {}

  @Get()
  @RequiresPermission('goods.read')
  @Returns(200, categoryList, 'in the order that shoppers see')
  async listCategories() {
    return { items: await this.categories.list() };
  }

  @Post()
  @RequiresPermission('goods.write')
  @AcceptsIdempotencyKey()
  @Returns(201, categoryView)
  async createCategory(
    @CurrentIntention() intention: Intention,
    @Body({ schema: createCategory }) input: CreateCategoryInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    replyWithStoredAnswer(reply, await this.categories.create(intention, input));
  }

  @Patch(':id')
  @RequiresPermission('goods.write')
  @Returns(200, categoryView)
  updateCategory(
    @CurrentActor() actor: Actor,
    @Param('id', { schema: goodsId }) id: string,
    @Body({ schema: updateCategory }) input: UpdateCategoryInput,
  ): Promise<CategoryView> {
    return this.categories.update(actor, id, input);
  }

  @Delete(':id')
  @RequiresPermission('goods.write')
  @ReturnsNothing('gone; one that has products, even withdrawn ones, stays')
  deleteCategory(@CurrentActor() actor: Actor, @Param('id', { schema: goodsId }) id: string): Promise<void> {
    return this.categories.delete(actor, id);
  }
}
