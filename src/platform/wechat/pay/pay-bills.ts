import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { BillNotReady } from './bill-error.js';
import { PayApi } from './pay-api.js';
import { BillWire } from './pay-wire.js';
import { readBill, type BillRow } from './trade-bill.js';
import { readAnswer } from '../wechat-answer.js';
import { WechatConfig } from '../wechat.config.js';
import { isUnavailable, WechatRefused, WechatUnavailable } from '../wechat-error.js';
import { Deadline, maxBillBytes, repeatOnce } from '../wechat-http.js';
import { WechatMetrics } from '../wechat-metrics.js';

const offerSchema = z.object({
  hash_type: z.literal('SHA1'),
  hash_value: z.string().regex(/^[0-9A-Fa-f]{40}$/),
  download_url: z.url(),
});

type Offer = z.output<typeof offerSchema>;

const unzip = promisify(gunzip) as (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

/**
 * The bills of WeChat Pay: what it says has moved, a day at a time. Promise: the file is the one whose hash WeChat Pay has
 * signed; it settles within `wechat.billTimeout` and is read into memory, 64 MiB of it at most.
 */
@Injectable()
export class PayBills {
  constructor(
    private readonly config: WechatConfig,
    private readonly api: PayApi,
    private readonly wire: BillWire,
    private readonly metrics: WechatMetrics,
  ) {}

  /**
   * All payments and refunds of a day in Beijing, `2026-11-22`; empty when there were none. Days of the last three
   * months, but not today.
   * @throws BillNotReady, WechatUnavailable, WechatThrottled (try later); WechatRefused for a day there is no bill of
   */
  async download(date: string): Promise<readonly BillRow[]> {
    const offer = await this.offerOf(date);
    return offer === null ? [] : readBill(await this.fetch(offer));
  }

  private async offerOf(date: string): Promise<Offer | null> {
    const query = new URLSearchParams({ bill_date: date, bill_type: 'ALL', tar_type: 'GZIP' });
    const path = `/v3/bill/tradebill?${query}`;
    try {
      return readAnswer(offerSchema, await this.api.call({ operation: 'bill', method: 'GET', path }), 'bill');
    } catch (error) {
      if (!(error instanceof WechatRefused)) throw error;
      if (error.is('NO_STATEMENT_EXIST')) return null;
      throw error.is('STATEMENT_CREATING') ? new BillNotReady(date) : error;
    }
  }

  /** The reply is not signed; the hash in the offer was. Only path and query are taken from it: no other host is asked. */
  private fetch({ download_url, hash_value }: Offer): Promise<Buffer> {
    const { pathname, search } = new URL(download_url);
    const request = { operation: 'bill_download', method: 'GET', path: pathname + search } as const;
    const deadline = new Deadline(this.config.billTimeout);
    const attempt = async (): Promise<Buffer> => {
      const { body } = await this.wire.exchange(request, deadline);
      const bytes = await unzipped(body);
      if (sha1(bytes) === hash_value.toLowerCase()) return bytes;
      throw new WechatUnavailable('the bill is not the one that WeChat Pay has signed the hash of');
    };
    return this.metrics.measure('bill_download', () => repeatOnce(deadline, isUnavailable, attempt));
  }
}

/** The hash is over what was zipped. */
async function unzipped(bytes: Buffer): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: maxBillBytes });
  } catch (cause) {
    throw new WechatUnavailable('the bill is damaged, or larger than we read', { cause });
  }
}

function sha1(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex');
}
