import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Transactor } from '../../platform/database/transactor.js';
import type { EventPublisher } from '../../platform/events/event-publisher.js';
import type { MessagePush, PushedMessage } from '../../platform/wechat/push/message-push.js';
import { PushRefused } from '../../platform/wechat/wechat-error.js';
import { PushReceived } from './push.events.js';
import { PushService } from './push.service.js';

Logger.overrideLogger(false);

const pushed: PushedMessage = {
  type: 'event',
  event: 'debug_demo',
  openid: 'o-1',
  createTime: '2026-11-22T08:00:00.000Z',
  dedupeKey: 'o-1:1795334400:debug_demo',
  message: { MsgType: 'event' },
};

const done: unknown[] = [];
const transactor = {
  async run(work: () => Promise<unknown>) {
    done.push('begin');
    await work();
    done.push('commit');
  },
} as Transactor;
const events = {
  async publish(...news: readonly unknown[]) {
    done.push(news);
  },
} as unknown as EventPublisher;

function service(read: () => PushedMessage): PushService {
  return new PushService({ read } as unknown as MessagePush, transactor, events);
}

describe('a push', () => {
  beforeEach(() => void done.splice(0));

  it('becomes news in a transaction, or a crash would lose it after WeChat was told success', async () => {
    await service(() => pushed).receive({}, Buffer.alloc(0));
    expect(done).toEqual(['begin', [PushReceived, pushed], 'commit']);
    expect(PushReceived.schema.parse(pushed)).toEqual(pushed);
  });

  it('that is refused becomes no news', async () => {
    const refused = new PushRefused('bad_signature');
    const receive = service(() => {
      throw refused;
    }).receive({}, Buffer.alloc(0));
    await expect(receive).rejects.toBe(refused);
    expect(done).toEqual([]);
  });
});
