import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** 2 server, 3 client, 5 consumer (the numbers of OTLP). */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: number | undefined;
}

interface WireSpan extends Omit<ReceivedSpan, 'attributes' | 'status'> {
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status?: { readonly code?: number };
}

interface WireBody {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

export interface OtlpSink {
  readonly url: string;
  spans(): readonly ReceivedSpan[];
  close(): Promise<void>;
}

/** A collector for OTLP over HTTP with JSON. `silent` accepts everything and never answers, as a dead one does. */
export async function startOtlpSink({ silent = false } = {}): Promise<OtlpSink> {
  const received: ReceivedSpan[] = [];
  const server = createServer(async (request, response) => {
    if (silent) return;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push(...parse(Buffer.concat(chunks).toString()));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => received,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function parse(text: string): ReceivedSpan[] {
  const { resourceSpans } = JSON.parse(text) as WireBody;
  const wire = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  return wire.map(({ attributes, status, ...span }) => ({
    ...span,
    status: status?.code,
    attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
  }));
}
