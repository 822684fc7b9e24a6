import type { TraceParent } from './trace-context.js';

/** The numbers of OTLP (`Span.SpanKind`). */
export const SpanKind = { internal: 1, server: 2, client: 3, consumer: 5 } as const;
export type SpanKind = (typeof SpanKind)[keyof typeof SpanKind];

export type Attributes = Readonly<Record<string, string | number>>;

/** Where a finished span goes, as one JSON object of OTLP. */
export interface SpanSink {
  add(span: string): void;
}

/** The span that another one is part of; `isRemote` when it is of another process. */
export interface SpanParent {
  readonly spanId: string;
  readonly isRemote: boolean;
}

const none: Attributes = {};
/** Of `Span.flags`: sampled, and whether the parent is remote, which is known. */
const sampledFlags = 0x101;
const remoteParentFlag = 0x200;
const errorStatus = 2;

/** Work that a collector is told of once it has ended. Only recorded work has one. */
export class Span {
  private failure: unknown;
  private readonly startedAt: number;

  /** `startedAt` in epoch milliseconds by `wallClock`, now if it is left out. */
  constructor(
    private readonly sink: SpanSink,
    private readonly name: string,
    private readonly kind: SpanKind,
    private readonly ids: TraceParent,
    private readonly parent: SpanParent | undefined,
    startedAt = wallClock(),
  ) {
    this.startedAt = startedAt;
  }

  /** By what, if anything was thrown: its class is told, never its message, which may hold anything. */
  fail(error?: unknown): void {
    this.failure = error ?? true;
  }

  /** Attributes that many spans have are encoded once, by `encodeAttributes`. */
  end(attributes: Attributes | string = none): void {
    this.sink.add(
      `{"traceId":"${this.ids.traceId}","spanId":"${this.ids.spanId}"${this.parentFields()}` +
        `,"name":${JSON.stringify(this.name)},"kind":${this.kind}` +
        `,"startTimeUnixNano":"${nanoseconds(this.startedAt)}","endTimeUnixNano":"${nanoseconds(wallClock())}"` +
        `,"attributes":${typeof attributes === 'string' ? attributes : encodeAttributes(attributes)},"status":${this.status()}}`,
    );
  }

  private parentFields(): string {
    if (!this.parent) return `,"flags":${sampledFlags}`;
    const { spanId, isRemote } = this.parent;
    return `,"parentSpanId":"${spanId}","flags":${isRemote ? sampledFlags | remoteParentFlag : sampledFlags}`;
  }

  private status(): string {
    if (this.failure === undefined) return '{"code":0}';
    if (this.failure === true) return `{"code":${errorStatus}}`;
    const name = this.failure instanceof Error ? this.failure.name : 'error';
    return `{"code":${errorStatus},"message":${JSON.stringify(name)}}`;
  }
}

/** The attributes of a span or a resource as OTLP has them. */
export function encodeAttributes(attributes: Attributes): string {
  let text = '';
  for (const key in attributes) {
    text += `${text === '' ? '' : ','}{"key":${JSON.stringify(key)},"value":${encodeValue(attributes[key]!)}}`;
  }
  return `[${text}]`;
}

function encodeValue(value: string | number): string {
  if (typeof value === 'string') return `{"stringValue":${JSON.stringify(value)}}`;
  return Number.isInteger(value) ? `{"intValue":${value}}` : `{"doubleValue":${value}}`;
}

let offsetMs = 0;

/**
 * Epoch milliseconds with fractions. The times of a trace are compared with each other, so they come from one steady
 * clock; what the wall clock does meanwhile counts from the next `setWallClock` on.
 */
export function wallClock(): number {
  return offsetMs + performance.now();
}

export function setWallClock(): void {
  offsetMs = Date.now() - performance.now();
}
setWallClock();

let spelledSecond = -1;
let spelled = '';

/** In steps of a microsecond: numbers of that size are still exact. The second is that of the span before, mostly. */
function nanoseconds(ms: number): string {
  const microseconds = Math.round(ms * 1_000);
  const second = Math.floor(microseconds / 1e6);
  if (second !== spelledSecond) {
    spelledSecond = second;
    spelled = String(second);
  }
  return `${spelled}${String(1e6 + (microseconds - second * 1e6)).slice(1)}000`;
}
