import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import { ROOT_CONTEXT, SpanKind as SdkKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { Counter, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runInContext } from './request-context.js';
import { SpanKind } from './span.js';
import { SpanExport } from './span-export.js';
import { recordClientSpan, recordSpans, startWork } from './spans.js';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: { resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[] };
}

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const cleanups: (() => unknown)[] = [];

/** Answers the statuses one after the other, the last one for ever; 0 is no answer at all. */
async function startCollector(...statuses: number[]) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: JSON.parse(await text(request)) as Received['body'] });
    const status = statuses.length > 1 ? statuses.shift()! : (statuses[0] ?? 200);
    if (status > 0) response.writeHead(status).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  cleanups.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const { port } = server.address() as AddressInfo;
  const spans = () => received.flatMap(({ body }) => body.resourceSpans[0]!.scopeSpans[0]!.spans);
  return { url: `http://127.0.0.1:${port}/v1/traces`, received, spans };
}

let dropped: Counter;
const droppedCount = async (): Promise<number> => (await dropped.get()).values[0]!.value;

function exportTo(url: string): SpanExport {
  return new SpanExport({ url, headers: { authorization: 'Bearer x' }, serviceName: 'shop' }, dropped);
}

beforeEach(() => {
  dropped = new Counter({ name: 'dropped', help: 'x', registers: [new Registry()] });
  vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
});
afterEach(() => {
  recordSpans(undefined);
  vi.restoreAllMocks();
  for (const clean of cleanups.splice(0)) clean();
});

/** What two runs never have in common, and what OTLP may leave out. */
function essence(received: Received): unknown {
  const ids = new Map<string, string>();
  const known = (id: unknown) => {
    const text = String(id);
    if (!ids.has(text)) ids.set(text, `id ${ids.size}`);
    return ids.get(text);
  };
  return JSON.parse(JSON.stringify(received.body), (key, value: unknown) => {
    if (/^dropped\w+Count$|^(events|links)$/.test(key)) return undefined;
    if (key === 'traceId' || key === 'spanId' || key === 'parentSpanId') return known(value);
    if (key === 'startTimeUnixNano' || key === 'endTimeUnixNano') return typeof value;
    return value;
  });
}

const statement = { 'db.system.name': 'postgresql', 'db.query.text': 'select "名"\n', ratio: 1.5 };
const answer = { 'http.route': '/x', 'http.response.status_code': 500 };

function recordOwn(): void {
  const context = startWork('GET /x', SpanKind.server, 'r', traceparent);
  runInContext(context, () => recordClientSpan('SELECT', statement, 2, new TypeError('secret')));
  context.span!.fail();
  context.span!.end(answer);
  startWork('task', SpanKind.internal, 'r', undefined).span!.end();
}

async function recordBySdk(url: string): Promise<void> {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
  });
  const tracer = provider.getTracer('minnow');
  const [traceId, spanId] = [traceparent.slice(3, 35), traceparent.slice(36, 52)];
  const remote = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1, isRemote: true });
  const request = tracer.startSpan('GET /x', { kind: SdkKind.SERVER }, remote);
  const options = { kind: SdkKind.CLIENT, attributes: statement };
  const query = tracer.startSpan('SELECT', options, trace.setSpan(ROOT_CONTEXT, request));
  query.setStatus({ code: SpanStatusCode.ERROR, message: 'TypeError' });
  query.end();
  request.setAttributes(answer);
  request.setStatus({ code: SpanStatusCode.ERROR });
  request.end();
  tracer.startSpan('task', { kind: SdkKind.INTERNAL }).end();
  await provider.shutdown();
}

describe('spans on the wire', () => {
  it('are those that OpenTelemetry’s SDK would have sent', async () => {
    const [own, sdk] = [await startCollector(200), await startCollector(200)];
    const spans = exportTo(own.url);
    recordSpans({ sink: spans, ratio: 1 });
    recordOwn();
    expect(await spans.close(2_000)).toBe(true);
    await recordBySdk(sdk.url);
    expect(essence(own.received[0]!)).toEqual(essence(sdk.received[0]!));
    expect(own.received[0]!.headers).toMatchObject({
      authorization: 'Bearer x',
      'content-type': 'application/json',
    });
  });

  it('lie within each other, in nanoseconds of this time', async () => {
    const collector = await startCollector(200);
    const spans = exportTo(collector.url);
    recordSpans({ sink: spans, ratio: 1 });
    const before = Date.now() - 1;
    recordOwn();
    await spans.close(2_000);
    const [query, request] = collector.spans();
    const ms = (value: unknown): number => Number(BigInt(String(value)) / 1_000n) / 1_000;
    expect(ms(request!['startTimeUnixNano'])).toBeGreaterThan(before);
    expect(ms(request!['endTimeUnixNano'])).toBeLessThan(Date.now() + 1);
    expect(ms(query!['endTimeUnixNano'])).toBeLessThanOrEqual(ms(request!['endTimeUnixNano']));
    expect(ms(query!['endTimeUnixNano']) - ms(query!['startTimeUnixNano'])).toBeCloseTo(2, 0);
  });
});

describe('a collector', () => {
  it('that is away for a moment gets the spans when it is back', async () => {
    const collector = await startCollector(503, 200);
    const spans = exportTo(collector.url);
    for (let n = 0; n < 600; n++) spans.add(`{"n":${n}}`);
    await vi.waitFor(() => expect(new Set(collector.spans().map(({ n }) => n)).size).toBe(600), 5_000);
    expect(await droppedCount()).toBe(0);
    await spans.close(1_000);
  });

  it('that never answers costs a bounded memory, and what it costs is counted', async () => {
    const collector = await startCollector(0);
    const spans = exportTo(collector.url);
    const span = JSON.stringify({ name: 'x'.repeat(500) });
    for (let n = 0; n < 20_000; n++) spans.add(span);
    expect(await droppedCount()).toBeGreaterThan(10_000);
    expect(await spans.close(50)).toBe(false);
  });

  it('that refuses spans for good is not asked again with them', async () => {
    const collector = await startCollector(400, 200);
    const spans = exportTo(collector.url);
    spans.add('{"n":1}');
    expect(await spans.close(1_000)).toBe(true);
    expect(collector.received.length).toBe(1);
    expect(await droppedCount()).toBe(1);
  });

  it('that is not there does not keep the process from ending', async () => {
    const spans = exportTo('http://127.0.0.1:1/v1/traces');
    spans.add('{}');
    expect(await spans.close(2_000)).toBe(false);
  });
});
