import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { RequestContext } from '../../tracing/request-context.js';
import type { AddressLimits } from '../limit/rate-limiting.js';
import { statusOf, type RequestRecorder } from '../request-recorder.js';
import type { Admission } from './admission.js';
import { asksPlainly, formFor, type CachedAnswer, type Form } from './cached-answer.js';
import type { CachedAnswers } from './cached-answers.js';
import type { CachedHandler, Place } from './cached-handler.js';
import { matches } from './conditional-get.js';

export interface FastLaneParts {
  readonly answers: CachedAnswers;
  readonly admission: Admission;
  readonly addresses: AddressLimits;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly recorder: RequestRecorder;
  readonly compressAbove: number;
  readonly isDraining: () => boolean;
}

/** One request under way. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly handler: CachedHandler;
  readonly context: RequestContext;
  readonly ip: string;
  readonly startedMs: number;
}

/** Lets the fast lane have a look at each request of HTTP/1.1 before Fastify, which costs more than what is held. */
export function openFastLane(server: Server, lane: FastLane): void {
  const routes = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (lane.serve(request, response)) return;
    for (const route of routes) route.call(server, request, response);
  });
}

/**
 * Successes of `@Cached` routes that this process holds, sent with the same bytes, headers, limits, access line, metric
 * and span as by the routes themselves. Whatever is not as plain as that (a refusal, a wait, another method or version)
 * is left to them.
 */
export class FastLane {
  private readonly constant: readonly string[];
  private readonly heads = new WeakMap<Form, readonly string[]>();
  private ready: [Exchange, CachedAnswer][] = [];

  constructor(private readonly parts: FastLaneParts) {
    this.constant = Object.entries(parts.recorder.headers).flat();
  }

  /** Answers the request and returns true, or has done nothing. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    const place = this.placeOf(request);
    if (!place) return false;
    const exchange = this.open(place.handler, request, response);
    if (!this.isKnown(exchange)) return false;
    const answer = place.handler.held(place, exchange.context);
    if (!answer || this.isTooMuch(exchange)) return false;
    response.on('close', () => this.end(exchange));
    this.sendSoon(exchange, answer);
    return true;
  }

  private placeOf(request: IncomingMessage): Place | undefined {
    const { method, url, httpVersionMajor } = request;
    if (method !== 'GET' || httpVersionMajor !== 1 || this.parts.isDraining()) return undefined;
    return asksPlainly(request) ? this.parts.answers.placeOf(url!) : undefined;
  }

  private open(handler: CachedHandler, request: IncomingMessage, response: ServerResponse): Exchange {
    const { recorder, addressOf } = this.parts;
    const startedMs = performance.now();
    const context = recorder.begin('GET', handler.url, request.headers);
    return { request, response, handler, context, ip: addressOf(request), startedMs };
  }

  /** Whoever has to be refused, or is known only after a read, is the routes' concern. */
  private isKnown({ request: { headers }, context }: Exchange): boolean {
    try {
      const wait = this.parts.admission.admit({ headers, context });
      wait?.catch(() => undefined);
      return wait === undefined;
    } catch {
      return false;
    }
  }

  private isTooMuch({ handler, ip }: Exchange): boolean {
    return this.parts.addresses.take(handler.limit, ip) !== null;
  }

  /**
   * All that were asked for in one turn of the event loop are sent after it: one by one, each would wake up whoever
   * waits for it at the other end, which costs us as much as a third of the request.
   */
  private sendSoon(exchange: Exchange, answer: CachedAnswer): void {
    this.ready.push([exchange, answer]);
    if (this.ready.length === 1) setImmediate(() => this.flush());
  }

  private flush(): void {
    const { ready } = this;
    this.ready = [];
    for (const [exchange, answer] of ready) this.send(exchange, answer);
  }

  private send({ request, response, handler, context }: Exchange, answer: CachedAnswer): void {
    const ids = ['x-request-id', context.requestId, 'x-trace-id', context.traceId] as const;
    const known = request.headers['if-none-match'];
    if (known !== undefined && matches(known, answer.etag)) {
      response.writeHead(304, [...ids, ...this.headOf(handler, answer.known)]).end();
      return;
    }
    const form = formFor(request, answer, this.parts.compressAbove);
    response.writeHead(200, [...ids, ...this.headOf(handler, form)]).end(form.body);
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

  private end({ response, handler, context, ip, startedMs }: Exchange): void {
    const status = statusOf(response);
    const elapsed = performance.now() - startedMs;
    this.parts.recorder.end({ context, method: 'GET', route: handler.url, status, elapsed, ip });
  }
}
