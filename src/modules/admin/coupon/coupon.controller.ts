import { Body, Controller, Get, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiTags } from '../../../platform/http/documented.js';
import { RequiresPermission } from '../../../platform/http/requires-permission.decorator.js';
import { Returns } from '../../../platform/http/returns.decorator.js';
import {
  AcceptsIdempotencyKey,
  replyWithStoredAnswer,
  type AnswerReply,
} from '../../../platform/http/stored-answer.js';
import {
  couponTemplateInput,
  couponTemplateView,
  type CouponTemplateInput,
  type CouponTemplateView,
} from '../../promotion/promotion.contract.js';
import { CurrentActor, CurrentIntention, type Actor, type Intention } from '../session/actor.js';
import {
  adminCouponPage,
  adminCouponQuery,
  couponTemplateId,
  type AdminCouponQuery,
} from './coupon.schema.js';
import { AdminCouponService } from './coupon.service.js';

@Controller('admin/coupons')
@ApiTags('admin')
export class AdminCouponController {
  constructor(private readonly coupons: AdminCouponService) {}

  @Get()
  @RequiresPermission('coupons.read')
  @Returns(200, adminCouponPage, 'newest first, with those that are over')
  listCoupons(@Query({ schema: adminCouponQuery }) query: AdminCouponQuery) {
    return this.coupons.list(query);
  }

  @Get(':id')
  @RequiresPermission('coupons.read')
  @Returns(200, couponTemplateView, 'with how many are claimed, and used by an order')
  getCoupon(@Param('id', { schema: couponTemplateId }) id: string): Promise<CouponTemplateView> {
    return this.coupons.get(id);
  }

  @Post()
  @RequiresPermission('coupons.write')
  @AcceptsIdempotencyKey()
  @Returns(201, couponTemplateView, 'shoppers can claim it from `claimFrom` on')
  async createCoupon(
    @CurrentIntention() intention: Intention,
    @Body({ schema: couponTemplateInput }) input: CouponTemplateInput,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    replyWithStoredAnswer(reply, await this.coupons.create(intention, input));
  }

  @Put(':id')
  @RequiresPermission('coupons.write')
  @Returns(
    200,
    couponTemplateView,
    'all of it is replaced; refused once anybody has claimed, and after its end',
  )
  replaceCoupon(
    @CurrentActor() actor: Actor,
    @Param('id', { schema: couponTemplateId }) id: string,
    @Body({ schema: couponTemplateInput }) input: CouponTemplateInput,
  ): Promise<CouponTemplateView> {
    return this.coupons.replace(actor, id, input);
  }

  @Post(':id/end')
  @RequiresPermission('coupons.write')
  @Returns(200, couponTemplateView, 'nobody can claim any more; what is claimed stays good')
  endCoupon(
    @CurrentActor() actor: Actor,
    @Param('id', { schema: couponTemplateId }) id: string,
  ): Promise<CouponTemplateView> {
    return this.coupons.end(actor, id);
  }
}
