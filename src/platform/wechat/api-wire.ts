import { Injectable } from '@nestjs/common';
import { outcomeSchema, type ApiOutcome } from './api-outcome.js';
import { readAnswer } from './wechat-answer.js';
import { WechatConfig } from './wechat.config.js';
import { WechatThrottled, WechatUnavailable } from './wechat-error.js';
import { ApiHttp, repeatOnce, type Deadline, type WechatRequest } from './wechat-http.js';
import type { WechatOperation } from './wechat-metrics.js';

export interface ApiAnswer {
  readonly outcome: ApiOutcome;
  readonly body: Buffer;
}

const busy = -1;

/** One exchange with api.weixin.qq.com; repeated once, while time is left, after a network error, a 5xx or "busy". */
@Injectable()
export class ApiWire {
  constructor(
    private readonly config: WechatConfig,
    private readonly http: ApiHttp,
  ) {}

  get(operation: WechatOperation, path: string, deadline: Deadline): Promise<ApiAnswer> {
    return this.exchange(operation, { method: 'GET', url: this.config.apiBaseUrl + path }, deadline);
  }

  post(operation: WechatOperation, path: string, content: object, deadline: Deadline): Promise<ApiAnswer> {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify(content);
    return this.exchange(
      operation,
      { method: 'POST', url: this.config.apiBaseUrl + path, headers, body },
      deadline,
    );
  }

  private exchange(
    operation: WechatOperation,
    request: WechatRequest,
    deadline: Deadline,
  ): Promise<ApiAnswer> {
    return repeatOnce(deadline, isUnavailable, async () => {
      const { status, body } = await this.http.send(request, deadline);
      if (status === 429) throw new WechatThrottled(status, 60);
      if (status !== 200) throw new WechatUnavailable(`WeChat answered ${operation} with HTTP ${status}`);
      const outcome = readAnswer(outcomeSchema, body, operation);
      if (outcome.errcode === busy) throw new WechatUnavailable(`WeChat is busy at ${operation}`);
      return { outcome, body };
    });
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof WechatUnavailable;
}
