import { Injectable } from '@nestjs/common';
import { outcomeSchema, type ApiOutcome } from './api-outcome.js';
import { readAnswer } from '../wechat-answer.js';
import { WechatConfig } from '../wechat.config.js';
import { isUnavailable, WechatThrottled, WechatUnavailable } from '../wechat-error.js';
import { ApiHttp, repeatOnce, type Deadline, type WechatRequest } from '../wechat-http.js';
import type { WechatOperation } from '../wechat-metrics.js';

export interface ApiAnswer {
  readonly outcome: ApiOutcome;
  readonly body: Buffer;
}

export interface ApiPost {
  readonly operation: WechatOperation;
  readonly path: string;
  readonly content: object;
  /** For what WeChat would do twice: then it is not repeated when nobody knows whether it was done. */
  readonly once?: boolean;
}

const busy = -1;

/**
 * One exchange with api.weixin.qq.com; unless it is to be done once, repeated while time is left after a network error,
 * a 5xx or "busy".
 */
@Injectable()
export class ApiWire {
  constructor(
    private readonly config: WechatConfig,
    private readonly http: ApiHttp,
  ) {}

  get(operation: WechatOperation, path: string, deadline: Deadline): Promise<ApiAnswer> {
    const request = { method: 'GET', url: this.config.apiBaseUrl + path } as const;
    return repeatOnce(deadline, isUnavailable, () => this.exchange(operation, request, deadline));
  }

  post({ operation, path, content, once }: ApiPost, deadline: Deadline): Promise<ApiAnswer> {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify(content);
    const request = { method: 'POST', url: this.config.apiBaseUrl + path, headers, body } as const;
    const attempt = () => this.exchange(operation, request, deadline);
    return once ? attempt() : repeatOnce(deadline, isUnavailable, attempt);
  }

  private async exchange(
    operation: WechatOperation,
    request: WechatRequest,
    deadline: Deadline,
  ): Promise<ApiAnswer> {
    const { status, body } = await this.http.send(request, deadline);
    if (status === 429) throw new WechatThrottled(status, 60);
    if (status !== 200) throw new WechatUnavailable(`WeChat answered ${operation} with HTTP ${status}`);
    const outcome = readAnswer(outcomeSchema, body, operation);
    if (outcome.errcode === busy) throw new WechatUnavailable(`WeChat is busy at ${operation}`);
    return { outcome, body };
  }
}
