import { Injectable, Logger } from '@nestjs/common';
import type { RawMessage } from '../../platform/http/input/raw-request.js';
import { PayClient } from '../../platform/wechat/pay/pay-client.js';
import { NoticeRefused } from '../../platform/wechat/wechat-error.js';
import { CapturePayment } from './capture-payment.js';
import { RecordRefund } from './refund/record-refund.js';

/** A notice that WeChat Pay posted, or somebody who pretends to be WeChat Pay. Every refusal is thrown, and seen. */
@Injectable()
export class ReceiveNotice {
  private readonly logger = new Logger(ReceiveNotice.name);

  constructor(
    private readonly pay: PayClient,
    private readonly capturePayment: CapturePayment,
    private readonly recordRefund: RecordRefund,
  ) {}

  async execute(message: RawMessage): Promise<void> {
    const notice = await this.pay.readNotice(message).catch((error: unknown) => this.refuse(error));
    if (notice.kind === 'refund') await this.recordRefund.execute(notice.refund);
    else await this.capturePayment.execute(notice.trade);
  }

  /** WeChat's own probes are no alarm; anything else that fails verification may be somebody trying. */
  private refuse(error: unknown): never {
    if (error instanceof NoticeRefused) {
      const { flaw, isProbe } = error;
      if (isProbe) this.logger.log({ flaw }, 'WeChat Pay tested that we verify signatures');
      else this.logger.warn({ flaw }, 'refused a notice of WeChat Pay');
    }
    throw error;
  }
}
