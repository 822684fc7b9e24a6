import { WechatUnavailable } from '../../../platform/wechat/wechat-error.js';

/** A refund as WeChat Pay tells it, in an answer or a notice. */
export interface WechatRefund {
  readonly refundId: string;
  readonly outRefundNo: string;
  readonly outTradeNo: string;
  readonly status: 'SUCCESS' | 'CLOSED' | 'PROCESSING' | 'ABNORMAL';
  readonly amountFen: number;
  readonly totalFen: number;
  readonly successTime?: Date;
}

/** WeChat Pay's refund API. */
export abstract class RefundGateway {
  abstract readonly isReachable: boolean;
  abstract request(body: string): Promise<WechatRefund>;
  abstract query(outRefundNo: string): Promise<WechatRefund>;
}

/** Until platform/wechat has the client. */
export class UnconnectedRefunds extends RefundGateway {
  readonly isReachable = true;

  request(_body: string): Promise<WechatRefund> {
    return Promise.reject(new WechatUnavailable('no client for refunds'));
  }

  query(_outRefundNo: string): Promise<WechatRefund> {
    return Promise.reject(new WechatUnavailable('no client for refunds'));
  }
}
