import { createCredentials, type Credentials } from '../../tools/wechat-sandbox/credentials.ts';
import { createSandbox } from '../../tools/wechat-sandbox/sandbox.ts';

/** A WeChat of one's own, in this process. */
export interface Wechat {
  /** Give these to `startApp`. */
  readonly env: Readonly<Record<string, string>>;
  /** WeChat's private keys too: for messages that only WeChat could have sent. */
  readonly credentials: Credentials;
  stop(): Promise<void>;
}

export interface WechatOptions {
  /** Multiplies the notifier's retry clock. */
  readonly retryFactor?: number;
  /** From accepting a refund to its success. */
  readonly refundDelayMs?: number;
}

/** Faults are one plan for a whole sandbox: files that set them must not share one. */
export async function startWechat(options: WechatOptions = {}): Promise<Wechat> {
  const credentials = createCredentials(Date.now());
  const sandbox = createSandbox({ credentials, port: 0, ...options });
  await sandbox.listen();
  return { env: sandbox.env, credentials, stop: () => sandbox.close() };
}
