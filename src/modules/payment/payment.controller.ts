import { Controller, Post } from '@nestjs/common';
import { ApiTags } from '../../platform/http/documented.js';
import { Unlimited } from '../../platform/http/limit/limit.decorator.js';
import { Public } from '../../platform/http/public.decorator.js';
import { RawRequest, type RawMessage } from '../../platform/http/input/raw-request.js';
import { ReturnsNothing } from '../../platform/http/returns.decorator.js';
import { ReceiveNotice } from './receive-notice.js';

/** Where WeChat Pay reports payments. Trusted for its signature, never for its address. */
@Controller('wechat/pay')
@ApiTags('wechat')
export class PaymentController {
  constructor(private readonly receiveNotice: ReceiveNotice) {}

  /** WeChat judges by the status alone: 204 is final, 4xx and 5xx come again. */
  @Post('notify')
  @Public()
  @Unlimited()
  @ReturnsNothing('the payment is recorded')
  notify(@RawRequest() message: RawMessage): Promise<void> {
    return this.receiveNotice.execute(message);
  }
}
