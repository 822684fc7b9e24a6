import fastifyCompress from '@fastify/compress';
import type { DynamicModule, INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger as PinoLogger } from 'nestjs-pino';
import { Drain } from '../lifecycle/drain.js';
import { serveApiDocs } from './api-docs.js';
import { addBodyParsers } from './body-parsers.js';
import { HttpConfig } from './http.config.js';
import { ProblemFilter } from './problem.filter.js';
import { addRequestHooks } from './request-hooks.js';
import { protocolErrors } from './protocol-errors.js';
import { RequestMetrics } from './request-metrics.js';
import { serveStaticFiles } from './static-files.js';
import { validationPipe } from './validation.js';

/** Probes and ping live outside the versioned API. */
const outsideApi = ['livez', 'readyz', 'startupz', 'ping'];

/** Builds the application without listening: `main` listens, tests call it. */
export async function createApp(module: DynamicModule, config: HttpConfig): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    skipMiddie: true,
    bodyLimit: config.bodyLimit,
    handlerTimeout: config.requestTimeout,
    keepAliveTimeout: config.keepAliveTimeout,
    trustProxy: config.trustProxy,
    genReqId: () => '',
    routerOptions: { maxParamLength: 256 },
    ...protocolErrors,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bufferLogs: true,
    rawBody: true,
    abortOnError: false,
  });
  app.useLogger(app.get(PinoLogger));
  // Without this, buffered logs can swallow the reason of a failed boot (ecosystem trap 6).
  app.flushLogs();
  await prepare(app, config);
  return app;
}

async function prepare(app: NestFastifyApplication, config: HttpConfig): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  const drain = app.get(Drain);
  addRequestHooks(server, app.get(RequestMetrics), () => drain.isDraining);
  await server.register(fastifyCompress, {
    global: true,
    threshold: config.compressAbove,
    encodings: ['gzip', 'identity'],
  });
  addBodyParsers(app, config.bodyLimit);
  prefixRoutes(app);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter());
  if (config.docs) await serveApiDocs(server);
  await serveStaticFiles(server, config);
  await app.init();
}

export function prefixRoutes(app: INestApplication): void {
  app.setGlobalPrefix('api/v1', { exclude: outsideApi });
}
