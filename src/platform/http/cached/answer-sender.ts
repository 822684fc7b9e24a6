import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestContext } from '../../tracing/request-context.js';
import { formFor, type CachedAnswer, type Form } from './cached-answer.js';
import type { CachedHandler } from './cached-handler.js';
import { matches } from './conditional-get.js';

/** Whom an answer is for. */
export interface Asking {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly handler: CachedHandler;
  readonly context: RequestContext;
}

export interface SenderOptions {
  /** On every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly compressAbove: number;
  readonly isDraining: () => boolean;
}

/** Sends answers past Fastify, with the headers that they have behind it. */
export class AnswerSender {
  private readonly constant: readonly string[];
  private readonly heads = new WeakMap<Form, readonly string[]>();
  private ready: [Asking, CachedAnswer][] = [];

  constructor(private readonly options: SenderOptions) {
    this.constant = Object.entries(options.headers).flat();
  }

  /**
   * All that are ready in one turn of the event loop are sent after it: one by one, each would wake up whoever waits for
   * it at the other end, which costs us as much as a third of a request.
   */
  sendSoon(asking: Asking, answer: CachedAnswer): void {
    this.ready.push([asking, answer]);
    if (this.ready.length === 1) setImmediate(() => this.flush());
  }

  private flush(): void {
    const { ready } = this;
    this.ready = [];
    for (const [asking, answer] of ready) this.send(asking, answer);
  }

  private send({ request, response, handler, context }: Asking, answer: CachedAnswer): void {
    const own = ['x-request-id', context.requestId, 'x-trace-id', context.traceId];
    // A kept connection would hold the shutdown for as long as it idles.
    if (this.options.isDraining()) own.push('connection', 'close');
    const known = request.headers['if-none-match'];
    if (known !== undefined && matches(known, answer.etag)) {
      response.writeHead(304, [...own, ...this.headOf(handler, answer.known)]).end();
      return;
    }
    const form = formFor(request, answer, this.options.compressAbove);
    response.writeHead(200, [...own, ...this.headOf(handler, form)]).end(form.body);
  }

  /** All headers of a form but those of one request. */
  private headOf({ cacheControl }: CachedHandler, form: Form): readonly string[] {
    let head = this.heads.get(form);
    if (!head) {
      const length = form.body ? ['content-length', String(form.body.length)] : [];
      head = [...this.constant, 'cache-control', cacheControl, ...form.headers, ...length];
      this.heads.set(form, head);
    }
    return head;
  }
}
