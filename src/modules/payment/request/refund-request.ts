import { Injectable } from '@nestjs/common';
import type { Fen } from '../../../kernel/money.js';
import { HttpConfig } from '../../../platform/http/http.config.js';
import { WechatConfig } from '../../../platform/wechat/wechat.config.js';
import type { RefundIntent } from '../payment.contract.js';
import { ownNotifyUrl, plainText } from './request-text.js';

/**
 * The refund request as text. It is stored and sent byte for byte every time: WeChat refuses a known out_refund_no with
 * other parameters, and the same ones can never refund twice.
 */
@Injectable()
export class RefundRequests {
  private readonly notifyUrl: string;

  constructor({ notifyUrl }: WechatConfig, { publicBaseUrl }: HttpConfig) {
    this.notifyUrl = notifyUrl ?? ownNotifyUrl(publicBaseUrl);
  }

  /** `totalFen` is what the whole payment was worth. */
  write({ refundNo, reference, amountFen, reason }: RefundIntent, totalFen: Fen): string {
    return JSON.stringify({
      out_trade_no: reference,
      out_refund_no: refundNo,
      reason: plainText(reason, 80) || '退款',
      notify_url: this.notifyUrl,
      amount: { refund: amountFen, total: totalFen, currency: 'CNY' },
    });
  }
}
