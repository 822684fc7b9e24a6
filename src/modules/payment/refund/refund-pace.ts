import { Injectable } from '@nestjs/common';
import { PaymentConfig } from '../payment.config.js';

/**
 * WeChat Pay allows some six failing calls about refunds a second, and a refused refund can cost two. After an answer that means "not now" no refund is
 * worth sending for a while, whichever it was about.
 */
@Injectable()
export class RefundPace {
  private slowUntil = -Infinity;

  constructor(private readonly config: PaymentConfig) {}

  get isSlow(): boolean {
    return performance.now() < this.slowUntil;
  }

  slowDown(): void {
    this.slowUntil = performance.now() + this.config.refundPause;
  }
}
