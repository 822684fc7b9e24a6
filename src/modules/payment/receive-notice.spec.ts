import { expect, it } from 'vitest';
import type { PayClient } from '../../platform/wechat/pay-client.js';
import type { CapturePayment } from './capture-payment.js';
import { ReceiveNotice } from './receive-notice.js';

it('captures nothing because of a refund, and has WeChat come again with it', async () => {
  const captured: unknown[] = [];
  const pay = { readNotice: async () => ({ kind: 'refund', refund: { status: 'SUCCESS' } }) };
  const capture = { execute: async (trade: unknown) => captured.push(trade) };
  const receive = new ReceiveNotice(pay as unknown as PayClient, capture as unknown as CapturePayment);
  const received = receive.execute({ headers: {}, rawBody: Buffer.alloc(0) });
  await expect(received).rejects.toMatchObject({ code: 'wechat.notice_refused', flaw: 'unsupported' });
  expect(captured).toEqual([]);
});
