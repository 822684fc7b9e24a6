import { Injectable } from '@nestjs/common';
import { Clock } from '../../../kernel/clock.js';
import { findSignatureFlaw } from './pay-signature.js';
import { PayWire, type PayRequest } from './pay-wire.js';
import { PlatformKeys } from './platform-keys.js';
import { WechatConfig } from '../wechat.config.js';
import { WechatSignatureInvalid, WechatThrottled, WechatUnavailable } from '../wechat-error.js';
import { Deadline, repeatOnce } from '../wechat-http.js';
import { WechatMetrics } from '../wechat-metrics.js';

/**
 * Calls of WeChat Pay v3 whose answers can be believed. Promise: settles within `wechat.requestTimeout`; the bytes
 * returned were signed by WeChat Pay in the last five minutes; on a network error, 5xx, a bad signature or, unless
 * the request is patient, 429 the same request is repeated once, which Pay's own ids make harmless.
 */
@Injectable()
export class PayApi {
  constructor(
    private readonly config: WechatConfig,
    private readonly wire: PayWire,
    private readonly keys: PlatformKeys,
    private readonly clock: Clock,
    private readonly metrics: WechatMetrics,
  ) {}

  /** @throws what PayWire.exchange throws, and WechatSignatureInvalid */
  async call(request: PayRequest): Promise<Buffer> {
    const deadline = new Deadline(this.config.requestTimeout);
    return this.metrics.measure(request.operation, () =>
      repeatOnce(
        deadline,
        error => mayPass(error, request),
        () => this.attempt(request, deadline),
      ),
    );
  }

  private async attempt(request: PayRequest, deadline: Deadline): Promise<Buffer> {
    const { headers, body } = await this.wire.exchange(request, deadline);
    const nowSeconds = this.clock.now().getTime() / 1000;
    const flaw = await findSignatureFlaw(headers, body, nowSeconds, serial =>
      this.keys.find(serial, deadline.leftMs()),
    );
    if (flaw) throw new WechatSignatureInvalid(request.operation, flaw);
    return body;
  }
}

function mayPass(error: unknown, { isPatient = false }: PayRequest): boolean {
  if (error instanceof WechatThrottled) return !isPatient;
  return error instanceof WechatUnavailable || error instanceof WechatSignatureInvalid;
}
