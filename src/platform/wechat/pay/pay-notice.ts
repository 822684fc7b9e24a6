import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../../../kernel/clock.js';
import { openSealed, sealAlgorithm, sealedSchema, type Sealed } from '../aead.js';
import { findSignatureFlaw, type MessageHeaders } from './pay-signature.js';
import { PlatformKeys } from './platform-keys.js';
import { refundNoticeSchema, type Refund } from './refund.js';
import { tradeSchema, type Trade } from './trade.js';
import { parseJson } from '../wechat-answer.js';
import { WechatConfig } from '../wechat.config.js';
import { NoticeRefused } from '../wechat-error.js';

/** A notice as it came in; header names in lower case, as Node gives them. */
export interface RawNotice {
  readonly headers: MessageHeaders;
  /** The bytes before any parser saw them. */
  readonly rawBody: Buffer;
}

/**
 * WeChat delivers the same one again until it is acknowledged, and sometimes after. A refund's may come before the
 * payment's.
 */
export type PayNotice =
  { readonly kind: 'payment'; readonly trade: Trade } | { readonly kind: 'refund'; readonly refund: Refund };

const noticeSchema = z.object({
  event_type: z.string().min(1).max(64),
  resource: sealedSchema,
});

const paymentEvent = 'TRANSACTION.SUCCESS';
/** What has become of a refund is said by the plaintext. */
const refundEvents = ['REFUND.SUCCESS', 'REFUND.ABNORMAL', 'REFUND.CLOSED'];

/** Reads what WeChat Pay posts to the notify URL: window, key by serial, signature over the raw bytes, decryption. */
@Injectable()
export class PayNoticeReader {
  constructor(
    private readonly config: WechatConfig,
    private readonly keys: PlatformKeys,
    private readonly clock: Clock,
  ) {}

  /** @throws NoticeRefused */
  async read({ headers, rawBody }: RawNotice): Promise<PayNotice> {
    const flaw = await findSignatureFlaw(headers, rawBody, this.clock.now().getTime() / 1000, serial =>
      this.keys.find(serial, this.config.requestTimeout),
    );
    if (flaw) throw new NoticeRefused(flaw);
    const notice = noticeSchema.safeParse(parseJson(rawBody));
    if (!notice.success) throw new NoticeRefused('malformed');
    const { event_type: eventType, resource } = notice.data;
    if (resource.algorithm !== sealAlgorithm) throw new NoticeRefused('unsupported');
    if (eventType === paymentEvent) return { kind: 'payment', trade: this.openAs(tradeSchema, resource) };
    if (refundEvents.includes(eventType)) return { kind: 'refund', refund: this.openRefund(resource) };
    throw new NoticeRefused('unsupported');
  }

  private openRefund(resource: Sealed): Refund {
    const { mchId, refund } = this.openAs(refundNoticeSchema, resource);
    if (mchId !== this.config.mchId) throw new NoticeRefused('wrong_merchant');
    return refund;
  }

  private openAs<S extends z.ZodType>(schema: S, resource: Sealed): z.output<S> {
    const content = schema.safeParse(parseJson(this.open(resource)));
    if (!content.success) throw new NoticeRefused('malformed');
    return content.data;
  }

  private open(resource: Sealed): Buffer {
    try {
      return openSealed(this.config.apiV3Key, resource);
    } catch {
      throw new NoticeRefused('undecryptable');
    }
  }
}
