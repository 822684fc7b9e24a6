import { X509Certificate, type KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../../../kernel/clock.js';
import { openSealed, sealedSchema } from '../aead.js';
import { findSignatureFlaw } from './pay-signature.js';
import { PayWire } from './pay-wire.js';
import { readAnswer } from '../wechat-answer.js';
import { WechatConfig } from '../wechat.config.js';
import {
  WechatMisconfigured,
  WechatSignatureInvalid,
  WechatUnavailable,
  severityOf,
} from '../wechat-error.js';
import { Deadline } from '../wechat-http.js';
import { WechatMetrics } from '../wechat-metrics.js';

const certificatesSchema = z.object({
  data: z.array(
    z.object({
      serial_no: z.string(),
      expire_time: z.iso.datetime({ offset: true }),
      encrypt_certificate: sealedSchema,
    }),
  ),
});

type WireCertificate = z.output<typeof certificatesSchema>['data'][number];

interface PlatformCertificate {
  readonly key: KeyObject;
  readonly expiresAtMs: number;
}

/** WeChat asks for a refresh at least every 12 h. */
const refreshAfterMs = 11 * 3_600_000;
/** Anybody can send us a notice with an invented serial; this bounds what that costs WeChat and us. */
const unknownSerialPauseMs = 60_000;
const afterOutagePauseMs = 5_000;

/**
 * The keys WeChat Pay signs with, by `Wechatpay-Serial`: the configured public key, and platform certificates, which
 * are downloaded on first use. Both are accepted side by side, because merchants are moved from the one to the other
 * in shares of traffic. An expired certificate is unknown.
 */
@Injectable()
export class PlatformKeys {
  private readonly logger = new Logger(PlatformKeys.name);
  private certificates: ReadonlyMap<string, PlatformCertificate> = new Map();
  private nextRefreshAtMs = 0;
  private nextDownloadAtMs = 0;
  private download: Promise<void> | null = null;

  constructor(
    private readonly config: WechatConfig,
    private readonly wire: PayWire,
    private readonly clock: Clock,
    private readonly metrics: WechatMetrics,
  ) {}

  /** Null for a serial that WeChat Pay does not list; waits for a download no longer than `waitMs`. */
  async find(serial: string, waitMs: number): Promise<KeyObject | null> {
    if (serial === this.config.publicKeyId) return this.config.publicKey ?? null;
    if (!/^[0-9A-Fa-f]{16,64}$/.test(serial)) return null;
    const known = this.unexpired(serial);
    if (known && this.nowMs() < this.nextRefreshAtMs) return known;
    const refresh = this.refresh();
    if (known) return known;
    await Promise.race([refresh, sleep(waitMs, undefined, { ref: false })]);
    return this.unexpired(serial);
  }

  private unexpired(serial: string): KeyObject | null {
    const certificate = this.certificates.get(serial);
    return certificate && certificate.expiresAtMs > this.nowMs() ? certificate.key : null;
  }

  /** Never rejects: who needs a key finds it missing. */
  private refresh(): Promise<void> {
    if (!this.download && this.nowMs() < this.nextDownloadAtMs) return Promise.resolve();
    this.download ??= this.metrics
      .measure('certificates', () => this.downloadAll())
      .catch((error: unknown) => this.postpone(error))
      .finally(() => (this.download = null));
    return this.download;
  }

  private async downloadAll(): Promise<void> {
    const deadline = new Deadline(this.config.requestTimeout);
    const answer = await this.wire.exchange(
      { operation: 'certificates', method: 'GET', path: '/v3/certificates' },
      deadline,
    );
    const { data } = readAnswer(certificatesSchema, answer.body, 'certificates');
    const certificates = new Map(data.map(wire => [wire.serial_no, this.open(wire)]));
    const flaw = await findSignatureFlaw(answer.headers, answer.body, this.nowMs() / 1000, async serial =>
      serial === this.config.publicKeyId ? this.config.publicKey! : (certificates.get(serial)?.key ?? null),
    );
    if (flaw) throw new WechatSignatureInvalid('certificates', flaw);
    this.certificates = certificates;
    this.nextRefreshAtMs = this.nowMs() + refreshAfterMs;
    this.nextDownloadAtMs = this.nowMs() + unknownSerialPauseMs;
  }

  private open({ encrypt_certificate: sealed, expire_time }: WireCertificate): PlatformCertificate {
    try {
      const { publicKey } = new X509Certificate(openSealed(this.config.apiV3Key, sealed));
      return { key: publicKey, expiresAtMs: Date.parse(expire_time) };
    } catch {
      throw new WechatMisconfigured(
        'certificates',
        'UNDECRYPTABLE',
        'is WECHAT_PAY_API_V3_KEY the right one?',
      );
    }
  }

  private postpone(error: unknown): void {
    const pauseMs = error instanceof WechatUnavailable ? afterOutagePauseMs : unknownSerialPauseMs;
    this.nextDownloadAtMs = this.nowMs() + pauseMs;
    this.logger[severityOf(error)]({ err: error }, 'platform certificates could not be downloaded');
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}
