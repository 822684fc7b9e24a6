import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../../kernel/clock.js';
import { openSealed, sealAlgorithm, sealedSchema, type Sealed } from './aead.js';
import { findSignatureFlaw, type MessageHeaders } from './pay-signature.js';
import { PlatformKeys } from './platform-keys.js';
import { tradeSchema, type Trade } from './trade.js';
import { parseJson } from './wechat-answer.js';
import { WechatConfig } from './wechat.config.js';
import { NoticeRefused } from './wechat-error.js';

/** A notice as it came in; header names in lower case, as Node gives them. */
export interface RawNotice {
  readonly headers: MessageHeaders;
  /** The bytes before any parser saw them. */
  readonly rawBody: Buffer;
}

/** WeChat delivers the same one again until it is acknowledged, and sometimes after. */
export interface PayNotice {
  readonly trade: Trade;
}

const noticeSchema = z.object({
  event_type: z.string().min(1).max(64),
  resource: sealedSchema,
});

const paymentEvent = 'TRANSACTION.SUCCESS';

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
    if (eventType !== paymentEvent || resource.algorithm !== sealAlgorithm)
      throw new NoticeRefused('unsupported');
    return { trade: this.openTrade(resource) };
  }

  private openTrade(resource: Sealed): Trade {
    const trade = tradeSchema.safeParse(parseJson(this.open(resource)));
    if (!trade.success) throw new NoticeRefused('malformed');
    return trade.data;
  }

  private open(resource: Sealed): Buffer {
    try {
      return openSealed(this.config.apiV3Key, resource);
    } catch {
      throw new NoticeRefused('undecryptable');
    }
  }
}
