import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import type { Overdue, Watched } from '../../concurrency/overdue.js';
import { runInContext } from '../../tracing/request-context.js';
import type { AddressLimits } from '../limit/rate-limiting.js';
import { deadlinesOf } from '../request-deadline.js';
import type { FailedRequests } from '../request-hooks.js';
import { statusOf, type RequestRecorder } from '../request-recorder.js';
import type { Admission } from './admission.js';
import { AnswerSender, type Asking } from './answer-sender.js';
import { asksPlainly, type CachedAnswer } from './cached-answer.js';
import type { CachedAnswers } from './cached-answers.js';
import type { Place } from './cached-handler.js';

export interface FastLaneParts {
  readonly answers: CachedAnswers;
  readonly admission: Admission;
  readonly addresses: AddressLimits;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly recorder: RequestRecorder;
  /** Where the routes find what has failed here. */
  readonly failed: FailedRequests;
  readonly compressAbove: number;
  /** Milliseconds. */
  readonly requestTimeout: number;
  readonly isDraining: () => boolean;
}

/** One request under way. */
interface Exchange extends Asking {
  readonly place: Place;
  readonly ip: string;
  /** Once it is, nothing is left to be done for it here. */
  isHandedOn: boolean;
  /** Of its reading. */
  deadline: Watched<Exchange> | undefined;
}

type Routes = (request: IncomingMessage, response: ServerResponse) => void;

/** Lets a fast lane have a look at each request of HTTP/1.1 before Fastify, which costs more than what is held. */
export function openFastLane(server: Server, parts: FastLaneParts): void {
  const routes = server.listeners('request');
  server.removeAllListeners('request');
  const route: Routes = (request, response) => {
    for (const each of routes) each.call(server, request, response);
  };
  const lane = new FastLane(parts, route);
  server.on('request', (request, response) => {
    if (!lane.serve(request, response)) route(request, response);
  });
}

/**
 * Successes of `@Cached` routes at addresses that have been answered before, held or read again, sent with the same
 * bytes, headers, limits, deadline, access line, metric and span as by the routes themselves. Whatever does not look that
 * plain (another method or version, a caller to be refused or looked up) is left to them; what turns out not to be a
 * success is handed on to them with what it failed of.
 */
class FastLane {
  private readonly logger = new Logger('Http');
  private readonly sender: AnswerSender;
  private readonly deadlines: Overdue<Exchange>;

  constructor(
    private readonly parts: FastLaneParts,
    private readonly route: Routes,
  ) {
    const { recorder, compressAbove, requestTimeout, isDraining } = parts;
    this.sender = new AnswerSender({ headers: recorder.headers, compressAbove, isDraining });
    this.deadlines = deadlinesOf(requestTimeout, (exchange, error) => this.handOn(exchange, error));
  }

  /** Answers the request and returns true, or has done nothing. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    const place = this.placeOf(request);
    if (!place) return false;
    const exchange = this.open(place, request, response);
    if (!this.isKnown(exchange)) return false;
    response.on('close', () => this.end(exchange));
    const refusal = this.parts.addresses.take(place.handler.limit, exchange.ip);
    if (refusal) this.handOn(exchange, refusal);
    else this.answer(exchange);
    return true;
  }

  private placeOf(request: IncomingMessage): Place | undefined {
    const { method, url, httpVersionMajor } = request;
    if (method !== 'GET' || httpVersionMajor !== 1 || this.parts.isDraining()) return undefined;
    return asksPlainly(request) ? this.parts.answers.placeOf(url!) : undefined;
  }

  private open(place: Place, request: IncomingMessage, response: ServerResponse): Exchange {
    const { recorder, addressOf } = this.parts;
    const { handler } = place;
    const context = recorder.begin('GET', handler.url, request.headers);
    return {
      request,
      response,
      handler,
      place,
      context,
      ip: addressOf(request),
      isHandedOn: false,
      deadline: undefined,
    };
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

  private answer(exchange: Exchange): void {
    const { handler, place, context } = exchange;
    const held = handler.held(place, context);
    if (held === undefined) void this.read(exchange);
    else this.deliver(exchange, held);
  }

  private async read(exchange: Exchange): Promise<void> {
    const { handler, place, context } = exchange;
    exchange.deadline = this.deadlines.watch(exchange);
    try {
      this.deliver(exchange, await runInContext(context, () => handler.get(place, context)));
    } catch (error) {
      this.handOn(exchange, error);
    } finally {
      this.deadlines.forget(exchange.deadline);
    }
  }

  private deliver(exchange: Exchange, answer: CachedAnswer | null): void {
    const { request, response, handler, isHandedOn } = exchange;
    if (answer === null) this.handOn(exchange, handler.absence(request.url!));
    else if (!isHandedOn && !response.destroyed) this.sender.sendSoon(exchange, answer);
  }

  /** Also of a client that has gone: what has failed is told to the log. */
  private handOn(exchange: Exchange, failure: unknown): void {
    const { request, response, context } = exchange;
    if (exchange.isHandedOn)
      return this.logger.warn({ err: failure, url: request.url }, 'failed after its answer');
    exchange.isHandedOn = true;
    this.parts.failed.set(request, { context, failure });
    this.route(request, response);
  }

  private end({ response, handler, context, ip, isHandedOn, deadline }: Exchange): void {
    if (deadline) this.deadlines.forget(deadline);
    if (isHandedOn) return;
    this.parts.recorder.end({ context, method: 'GET', route: handler.url, status: statusOf(response), ip });
  }
}
