import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../../../kernel/clock.js';
import { isFresh } from '../pay/pay-signature.js';
import { isSameSignature, openPush, pushSignature } from './push-crypto.js';
import { parseJson } from '../wechat-answer.js';
import { WechatConfig } from '../wechat.config.js';
import { PushNotConfigured, PushRefused } from '../wechat-error.js';

/** As WeChat names them in the URL; anybody may send or omit anything. */
export interface PushQuery {
  readonly signature?: string | undefined;
  readonly timestamp?: string | undefined;
  readonly nonce?: string | undefined;
  readonly echostr?: string | undefined;
  readonly msg_signature?: string | undefined;
}

/** What WeChat pushed, believed. */
export interface PushedMessage {
  /** MsgType: `event`, `text`, … */
  readonly type: string;
  /** The kind of event, e.g. `debug_demo`. */
  readonly event?: string;
  readonly openid?: string;
  /** RFC 3339, by WeChat's clock. */
  readonly createTime: string;
  /** The same for every delivery of one message: WeChat sends it up to three times. */
  readonly dedupeKey: string;
  /** All of it, as WeChat wrote it. */
  readonly message: Readonly<Record<string, unknown>>;
}

const envelopeSchema = z.object({ Encrypt: z.string().min(1), MsgType: z.unknown() }).partial();

const messageSchema = z.looseObject({
  MsgType: z.string().min(1).max(64),
  Event: z.string().max(128).optional(),
  FromUserName: z.string().max(128).optional(),
  CreateTime: z.coerce.number().int().min(0).max(9_999_999_999),
  MsgId: z.union([z.string().max(128), z.number()]).optional(),
});

/**
 * WeChat's message push in JSON. With an EncodingAESKey only encrypted messages are read ("secure" and "compatible"
 * mode); without one only plain ones, whose signature does not cover the body: whoever sees one such request can write
 * another for five minutes.
 */
@Injectable()
export class MessagePush {
  constructor(
    private readonly config: WechatConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * The echostr, which proves to WeChat that this URL is ours.
   * @throws PushNotConfigured, PushRefused
   */
  check(query: PushQuery): string {
    this.verify(query, query.signature);
    if (!query.echostr) throw new PushRefused('malformed');
    return query.echostr;
  }

  /** @throws PushNotConfigured, PushRefused */
  read(query: PushQuery, rawBody: Buffer): PushedMessage {
    const { pushAesKey } = this.config;
    const text = pushAesKey ? this.open(query, rawBody, pushAesKey) : this.plain(query, rawBody);
    const message = messageSchema.safeParse(parseJson(text, storable));
    if (!message.success) throw new PushRefused('malformed');
    return toPushed(message.data);
  }

  private plain(query: PushQuery, rawBody: Buffer): Buffer {
    this.verify(query, query.signature);
    const { Encrypt, MsgType } = envelopeSchema.safeParse(parseJson(rawBody)).data ?? {};
    if (Encrypt && MsgType === undefined) throw new PushRefused('encrypted');
    return rawBody;
  }

  private open(query: PushQuery, rawBody: Buffer, aesKey: string): Buffer {
    const { Encrypt } = envelopeSchema.safeParse(parseJson(rawBody)).data ?? {};
    if (!Encrypt) throw new PushRefused('not_encrypted');
    this.verify(query, query.msg_signature, Encrypt);
    const { message, appId } = decrypt(aesKey, Encrypt);
    if (appId !== this.config.appId) throw new PushRefused('wrong_app');
    return message;
  }

  private verify({ timestamp, nonce }: PushQuery, given: string | undefined, ...more: string[]): void {
    const { pushToken } = this.config;
    if (!pushToken) throw new PushNotConfigured();
    if (!timestamp || !nonce || !given) throw new PushRefused('unsigned');
    if (!isFresh(timestamp, this.clock.now().getTime() / 1000)) throw new PushRefused('stale');
    if (!isSameSignature(given, pushSignature(pushToken, timestamp, nonce, ...more)))
      throw new PushRefused('bad_signature');
  }
}

function decrypt(aesKey: string, encrypted: string): ReturnType<typeof openPush> {
  try {
    return openPush(aesKey, encrypted);
  } catch {
    throw new PushRefused('undecryptable');
  }
}

function toPushed(message: z.output<typeof messageSchema>): PushedMessage {
  const { MsgType, Event, FromUserName, CreateTime, MsgId } = message;
  return {
    type: MsgType,
    ...(Event ? { event: Event } : {}),
    ...(FromUserName ? { openid: FromUserName } : {}),
    createTime: new Date(CreateTime * 1000).toISOString(),
    dedupeKey: MsgId ? `id:${MsgId}` : `${FromUserName ?? ''}:${CreateTime}:${Event ?? MsgType}`,
    message,
  };
}

/** Ids beyond 2^53 stay text, or two messages could share one; what PostgreSQL cannot hold becomes U+FFFD. */
function storable(_key: string, value: unknown, { source = '' }: { readonly source?: string }): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD');
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^\d+$/.test(source) ? source : value;
}
