import { Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../../platform/http/public.decorator.js';
import { RawRequest, type RawMessage } from '../../platform/http/raw-request.js';
import { ReturnsNothing } from '../../platform/http/returns.decorator.js';
import { PayClient } from '../../platform/wechat/pay-client.js';
import { CapturePayment } from './capture-payment.js';

/** Where WeChat Pay reports payments. Trusted for its signature, never for its address. */
@Controller('wechat/pay')
@ApiTags('wechat')
export class PaymentController {
  constructor(
    private readonly pay: PayClient,
    private readonly capturePayment: CapturePayment,
  ) {}

  /** WeChat judges by the status alone: 204 is final, 4xx and 5xx come again. */
  @Post('notify')
  @Public()
  @ReturnsNothing('the payment is recorded')
  async notify(@RawRequest() message: RawMessage): Promise<void> {
    const { trade } = await this.pay.readNotice(message);
    await this.capturePayment.execute(trade);
  }
}
