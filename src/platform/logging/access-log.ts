import { ByEnding } from '../../kernel/by-ending.js';

/** One answered request, or one refused before it was one. Times in milliseconds. */
export interface AccessLine {
  readonly traceId: string;
  readonly requestId: string;
  readonly userId?: string | undefined;
  readonly staffId?: string | undefined;
  readonly method?: string;
  readonly route: string;
  readonly status: number;
  readonly code?: string | undefined;
  readonly ms?: number;
  readonly ip?: string;
}

interface Sink {
  writeSoon(line: string): void;
}

/**
 * The one line a request. All of its fields are known and none is secret, so it is put together here: what the logger
 * does for any object (copy, redact, serialize) costs ten times as much, for every request of the shop.
 */
export class AccessLog {
  private readonly tail: string;
  private readonly endings = new ByEnding(tellEnding);
  private nowMs = 0;
  private nowText = '';

  constructor(
    private readonly sink: Sink,
    service: string,
    private readonly isEnabled: () => boolean,
  ) {
    this.tail = `,"service":${JSON.stringify(service)},"context":"Access"`;
  }

  write(line: AccessLine): void {
    if (!this.isEnabled()) return;
    const { traceId, requestId, userId, staffId, method = '', route, status, code, ms, ip } = line;
    this.sink.writeSoon(
      `{"level":"info","time":"${this.now()}"${this.tail}` +
        `,"trace_id":"${traceId}","request_id":"${requestId}"` +
        `${text('user_id', userId)}${text('staff_id', staffId)}${this.endings.of(method, route, status)}` +
        `${text('code', code)}${ms === undefined ? '' : `,"ms":${ms}`}${text('ip', ip)}}\n`,
    );
  }

  /** Many requests end in one millisecond, and to spell it costs as much as half of the line. */
  private now(): string {
    const nowMs = Date.now();
    if (nowMs !== this.nowMs) {
      this.nowMs = nowMs;
      this.nowText = new Date(nowMs).toISOString();
    }
    return this.nowText;
  }
}

function tellEnding(method: string, route: string, status: number): string {
  const message = `${method} ${route} ${status}`.trimStart();
  const methodText = text('method', method === '' ? undefined : method);
  return `${methodText}${text('route', route)},"status":${status}${text('msg', message)}`;
}

function text(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}
