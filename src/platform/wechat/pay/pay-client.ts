import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../../../kernel/clock.js';
import { PayApi } from './pay-api.js';
import { PayNoticeReader, type PayNotice, type RawNotice } from './pay-notice.js';
import { newNonce, paySignMessage, signText } from './pay-signature.js';
import { tradeSchema, type Trade } from './trade.js';
import { assertAbout, readAnswer } from '../wechat-answer.js';
import { WechatConfig } from '../wechat.config.js';
import { WechatRefused } from '../wechat-error.js';
import { PayHttp } from '../wechat-http.js';

/** Arguments of `wx.requestPayment`. */
export interface PaymentParams {
  readonly timeStamp: string;
  readonly nonceStr: string;
  readonly package: string;
  readonly signType: 'RSA';
  readonly paySign: string;
}

const prepaySchema = z.object({ prepay_id: z.string().min(1).max(64) });

/**
 * WeChat Pay v3 (JSAPI, direct merchant). Promise: every call settles within `wechat.requestTimeout`; every 2xx answer
 * and every notice that comes back was signed by WeChat Pay. A refusal is not: it is believed on TLS alone, so that
 * nothing about money may follow from one that our own record contradicts.
 * @throws WechatUnavailable · WechatThrottled · WechatSignatureInvalid (all worth trying again, with the same ids)
 * @throws WechatRefused with Pay's code in `errcode`; WechatMisconfigured for keys, ids or clock
 */
@Injectable()
export class PayClient {
  constructor(
    private readonly config: WechatConfig,
    private readonly api: PayApi,
    private readonly notices: PayNoticeReader,
    private readonly clock: Clock,
    private readonly http: PayHttp,
  ) {}

  /** What the last calls say; whoever can wait need not ask while it is false. True again a minute after a failure. */
  get isReachable(): boolean {
    return this.http.isReachable;
  }

  /**
   * Sends `body` byte for byte. Store it and send the same text again for the same order: other bytes for a known
   * out_trade_no are refused. The prepay id is good for 2 h.
   */
  async prepay(body: string): Promise<{ readonly prepayId: string }> {
    const path = '/v3/pay/transactions/jsapi';
    const answer = await this.api.call({ operation: 'prepay', method: 'POST', path, body });
    return { prepayId: readAnswer(prepaySchema, answer, 'prepay').prepay_id };
  }

  /**
   * The trade of this number, at this merchant and mini-program; amount and payer are for the caller to compare.
   * @throws WechatRefused `ORDER_NOT_EXIST` for a number WeChat Pay has never seen
   * @throws WechatAnswerMismatch when a genuine answer is about another trade
   */
  async query(outTradeNo: string): Promise<Trade> {
    const { appId, mchId } = this.config;
    const path = `${tradePath(outTradeNo)}?mchid=${mchId}`;
    const answer = await this.api.call({ operation: 'query', method: 'GET', path });
    const trade = readAnswer(tradeSchema, answer, 'query');
    assertAbout('query', trade, { outTradeNo, mchId, appId });
    return trade;
  }

  /**
   * After `closed` nobody can pay this trade. After `paid` somebody has: query it and treat it as paid. `unknown`: WeChat
   * Pay has never seen this number, it says; only who was never given a prepay id for it can believe that.
   */
  async close(outTradeNo: string): Promise<'closed' | 'paid' | 'unknown'> {
    const body = JSON.stringify({ mchid: this.config.mchId });
    try {
      await this.api.call({
        operation: 'close',
        method: 'POST',
        path: `${tradePath(outTradeNo)}/close`,
        body,
      });
      return 'closed';
    } catch (error) {
      return closedBy(error);
    }
  }

  /** What the mini-program passes to `wx.requestPayment`. No network. */
  async clientParams(prepayId: string): Promise<PaymentParams> {
    const timeStamp = String(Math.floor(this.clock.now().getTime() / 1000));
    const nonceStr = newNonce();
    const packageText = `prepay_id=${prepayId}`;
    const message = paySignMessage(this.config.appId, timeStamp, nonceStr, packageText);
    const paySign = await signText(message, this.config.merchantPrivateKey);
    return { timeStamp, nonceStr, package: packageText, signType: 'RSA', paySign };
  }

  /**
   * The genuine content of a notice; whether it matches our own record is for the caller to compare.
   * @throws NoticeRefused, whose `flaw` says why and whose `isProbe` marks WeChat's own signature tests
   */
  readNotice(notice: RawNotice): Promise<PayNotice> {
    return this.notices.read(notice);
  }
}

/** What a refusal to close says about the trade. @throws the error itself when it says nothing. */
function closedBy(error: unknown): 'closed' | 'paid' | 'unknown' {
  if (!(error instanceof WechatRefused)) throw error;
  if (error.is('ORDER_CLOSED')) return 'closed';
  if (error.is('ORDER_PAID')) return 'paid';
  if (error.is('ORDER_NOT_EXIST')) return 'unknown';
  throw error;
}

function tradePath(outTradeNo: string): string {
  return `/v3/pay/transactions/out-trade-no/${encodeURIComponent(outTradeNo)}`;
}
