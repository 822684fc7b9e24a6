import { Controller, Get, Headers, Param, Post, Query, Res } from '@nestjs/common';
import { CurrentCaller, type Caller } from '../../platform/http/caller.js';
import { ApiTags } from '../../platform/http/documented.js';
import { Returns } from '../../platform/http/returns.decorator.js';
import {
  AcceptsIdempotencyKey,
  replyWithStoredAnswer,
  type AnswerReply,
} from '../../platform/http/stored-answer.js';
import { ClaimCoupon } from './claim-coupon.js';
import {
  couponPage,
  couponView,
  myCouponQuery,
  offerPage,
  offerQuery,
  templateIdParam,
  type CouponPage,
  type MyCouponQuery,
  type OfferPage,
  type OfferQueryInput,
} from './promotion.schema.js';
import { PromotionService } from './promotion.service.js';

@Controller()
@ApiTags('coupons')
export class PromotionController {
  constructor(
    private readonly promotion: PromotionService,
    private readonly claiming: ClaimCoupon,
  ) {}

  @Get('coupons')
  @Returns(200, offerPage, 'what can be claimed now, newest first')
  listOffers(
    @CurrentCaller() caller: Caller,
    @Query({ schema: offerQuery }) query: OfferQueryInput,
  ): Promise<OfferPage> {
    return this.promotion.listOffers(caller.userId, query);
  }

  @Post('coupons/:id/claim')
  @AcceptsIdempotencyKey()
  @Returns(201, couponView, 'the coupon is the caller’s')
  async claim(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: templateIdParam }) templateId: string,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res() reply: AnswerReply,
  ): Promise<void> {
    const command = { userId: caller.userId, templateId, idempotencyKey };
    replyWithStoredAnswer(reply, await this.claiming.execute(command));
  }

  @Get('me/coupons')
  @Returns(200, couponPage, 'newest first')
  listMine(
    @CurrentCaller() caller: Caller,
    @Query({ schema: myCouponQuery }) query: MyCouponQuery,
  ): Promise<CouponPage> {
    return this.promotion.listMine(caller.userId, query);
  }
}
