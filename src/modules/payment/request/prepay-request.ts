import { Injectable } from '@nestjs/common';
import { inBeijing } from '../../../kernel/beijing-time.js';
import { Clock } from '../../../kernel/clock.js';
import { HttpConfig } from '../../../platform/http/http.config.js';
import { WechatConfig } from '../../../platform/wechat/wechat.config.js';
import type { PaymentIntent } from '../payment.contract.js';
import { ownNotifyUrl, plainText } from './request-text.js';

export interface Merchant {
  readonly appId: string;
  readonly mchId: string;
  readonly notifyUrl: string;
}

const minuteMs = 60_000;

/**
 * The JSAPI prepay request as text. It is stored and sent byte for byte every time: WeChat refuses a known
 * out_trade_no with other parameters.
 */
export function prepayRequest(merchant: Merchant, intent: PaymentIntent, now: Date): string {
  // WeChat raises anything sooner to one minute, and only the first request counts.
  const expiresAt = new Date(Math.max(intent.expiresAt.getTime(), now.getTime() + minuteMs));
  return JSON.stringify({
    appid: merchant.appId,
    mchid: merchant.mchId,
    description: plainText(intent.description, 127) || '订单',
    out_trade_no: intent.reference,
    time_expire: `${inBeijing(expiresAt).slice(0, 19)}+08:00`,
    notify_url: merchant.notifyUrl,
    amount: { total: intent.amountFen, currency: 'CNY' },
    payer: { openid: intent.payerOpenid },
  });
}

@Injectable()
export class PrepayRequests {
  private readonly merchant: Merchant;

  constructor(
    { appId, mchId, notifyUrl }: WechatConfig,
    { publicBaseUrl }: HttpConfig,
    private readonly clock: Clock,
  ) {
    this.merchant = { appId, mchId, notifyUrl: notifyUrl ?? ownNotifyUrl(publicBaseUrl) };
  }

  write(intent: PaymentIntent): string {
    return prepayRequest(this.merchant, intent, this.clock.now());
  }
}
