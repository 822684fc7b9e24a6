import fastifyCompress from '@fastify/compress';
import type { DynamicModule, INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger as PinoLogger } from 'nestjs-pino';
import { AccessLog } from '../logging/access-log.js';
import { Drain } from '../lifecycle/drain.js';
import { RateLimitConfig } from '../rate-limit/rate-limit.config.js';
import { RateLimits } from '../rate-limit/rate-limits.js';
import { serveApiDocs } from './api-docs.js';
import { addBodyParsers } from './input/body-parsers.js';
import { Admission } from './cached/admission.js';
import { CachedAnswers } from './cached/cached-answers.js';
import { openFastLane, type FastLaneParts } from './cached/fast-lane.js';
import { HttpConfig } from './http.config.js';
import { limitConnections } from './listen/limit-connections.js';
import { addHttp2 } from './listen/http2.js';
import { publicListener } from './listen/public-listener.js';
import { IdempotencyKeyGuard } from './idempotency-key.guard.js';
import { ProblemFilter } from './problem/problem.filter.js';
import { addressReader } from './limit/address-of.js';
import { AddressLimits, CallerLimitGuard, limitAddresses } from './limit/rate-limiting.js';
import { addRequestDeadline } from './request-deadline.js';
import { addRequestHooks, type FailedRequests } from './request-hooks.js';
import { protocolErrors } from './problem/protocol-errors.js';
import { RequestMetrics } from './request-metrics.js';
import { RequestRecorder } from './request-recorder.js';
import { securityHeaders } from './security-headers.js';
import { serveCached } from './cached/serve-cached.js';
import { serveStaticFiles } from './static-files.js';
import { validationPipe } from './input/validation.js';

/** Probes and ping live outside the versioned API. */
const outsideApi = ['livez', 'readyz', 'startupz', 'ping'];

/** Builds the application without listening: `main` listens, tests call it. */
export async function createApp(module: DynamicModule, config: HttpConfig): Promise<NestFastifyApplication> {
  const recorder = new RequestRecorder(securityHeaders(config.publicBaseUrl));
  const adapter = new FastifyAdapter({
    skipMiddie: true,
    // While the server closes, what still comes on open connections is served: the balancer may not know yet.
    return503OnClosing: false,
    bodyLimit: config.bodyLimit,
    ...publicListener(config),
    trustProxy: config.trustProxy,
    genReqId: () => '',
    routerOptions: { maxParamLength: 256 },
    ...protocolErrors(recorder),
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bufferLogs: true,
    rawBody: true,
    abortOnError: false,
  });
  app.useLogger(app.get(PinoLogger));
  // Without this, buffered logs can swallow the reason of a failed boot (ecosystem trap 6).
  app.flushLogs();
  recorder.recordWith(app.get(RequestMetrics), app.get(AccessLog));
  await prepare(app, config, recorder);
  return app;
}

async function prepare(
  app: NestFastifyApplication,
  config: HttpConfig,
  recorder: RequestRecorder,
): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  const drain = app.get(Drain);
  limitConnections(server.server, config);
  const failed: FailedRequests = new WeakMap();
  addRequestHooks(server, recorder, failed, () => drain.isDraining);
  addHttp2(server, config, recorder, () => drain.isDraining);
  const limits = app.get(RateLimits);
  const addresses = new AddressLimits(limits, app.get(RateLimitConfig).exempt);
  limitAddresses(server, addresses);
  addRequestDeadline(server, config.requestTimeout);
  serveCached(server, app.get(CachedAnswers));
  await server.register(fastifyCompress, {
    global: true,
    threshold: config.compressAbove,
    encodings: ['gzip', 'identity'],
    globalDecompression: false,
  });
  addBodyParsers(app, config.bodyLimit);
  prefixRoutes(app);
  app.useGlobalGuards(new CallerLimitGuard(limits), new IdempotencyKeyGuard());
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter());
  if (config.docs) await serveApiDocs(server);
  await serveStaticFiles(server, config);
  await app.init();
  addFastLane(app, config, { addresses, recorder, failed });
}

export function prefixRoutes(app: INestApplication): void {
  app.setGlobalPrefix('api/v1', { exclude: outsideApi });
}

function addFastLane(
  app: NestFastifyApplication,
  { trustProxy, compressAbove, requestTimeout }: HttpConfig,
  shared: Pick<FastLaneParts, 'addresses' | 'recorder' | 'failed'>,
): void {
  const drain = app.get(Drain);
  openFastLane(app.getHttpAdapter().getInstance().server, {
    ...shared,
    answers: app.get(CachedAnswers),
    admission: app.get(Admission, { strict: false }),
    addressOf: addressReader(trustProxy),
    compressAbove,
    requestTimeout,
    isDraining: () => drain.isDraining,
  });
}
