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
import { CachedAnswers } from './cached/cached-answers.js';
import { HttpConfig } from './http.config.js';
import { IdempotencyKeyGuard } from './idempotency-key.guard.js';
import { ProblemFilter } from './problem/problem.filter.js';
import { CallerLimitGuard, limitAddresses } from './limit/rate-limiting.js';
import { addRequestDeadline } from './request-deadline.js';
import { addRequestHooks } from './request-hooks.js';
import { protocolErrors } from './problem/protocol-errors.js';
import { RequestMetrics } from './request-metrics.js';
import { RequestRecorder } from './request-recorder.js';
import { securityHeaders } from './security-headers.js';
import { serveCached } from './cached/serve-cached.js';
import { serveStaticFiles } from './static-files.js';
import { validationPipe } from './input/validation.js';

/** Probes and ping live outside the versioned API. */
const outsideApi = ['livez', 'readyz', 'startupz', 'ping'];

/** A client that takes nothing of its answer for so long has gone, and keeps memory and a file descriptor. */
const stalledAfterMs = 60_000;

/** Builds the application without listening: `main` listens, tests call it. */
export async function createApp(module: DynamicModule, config: HttpConfig): Promise<NestFastifyApplication> {
  const recorder = new RequestRecorder(securityHeaders(config.publicBaseUrl));
  const adapter = new FastifyAdapter({
    skipMiddie: true,
    // While the server closes, what still comes on open connections is served: the balancer may not know yet.
    return503OnClosing: false,
    connectionTimeout: stalledAfterMs,
    bodyLimit: config.bodyLimit,
    keepAliveTimeout: config.keepAliveTimeout,
    ...receiveLimits(config),
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

/**
 * Node takes the larger of the two limits for the body, and looks at its connections only every 30 s unless told
 * otherwise: a slow body would hold its socket far longer than configured.
 */
function receiveLimits({ receiveTimeout, headerLimit }: HttpConfig) {
  const connectionsCheckingInterval = Math.min(1_000, receiveTimeout);
  return {
    requestTimeout: receiveTimeout,
    http: { headersTimeout: receiveTimeout, maxHeaderSize: headerLimit, connectionsCheckingInterval },
  };
}

async function prepare(
  app: NestFastifyApplication,
  config: HttpConfig,
  recorder: RequestRecorder,
): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  const drain = app.get(Drain);
  server.server.maxConnections = config.maxConnections;
  addRequestHooks(server, recorder, () => drain.isDraining);
  const limits = app.get(RateLimits);
  limitAddresses(server, limits, app.get(RateLimitConfig).exempt);
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
}

export function prefixRoutes(app: INestApplication): void {
  app.setGlobalPrefix('api/v1', { exclude: outsideApi });
}
