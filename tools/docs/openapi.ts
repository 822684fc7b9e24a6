/** `npm run openapi`: writes docs/openapi.json from the routes' own schemas. `--check` only compares. Needs no database. */
import 'reflect-metadata';
import { randomBytes, generateKeyPairSync } from 'node:crypto';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import * as swagger from '@nestjs/swagger';
import { build } from '../build.ts';
import { writeOrCompare } from './committed.ts';
import { complete, operationId } from './complete-openapi.ts';

const root = resolve(import.meta.dirname, '../..');

/** Nothing is connected in preview mode; configuration only has to be well formed. */
function placeholderEnv(): Record<string, string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    NODE_ENV: 'test',
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    REDIS_URL: 'redis://127.0.0.1:1',
    AUTH_JWT_SECRET: randomBytes(48).toString('base64'),
    AUTH_DATA_KEY: randomBytes(48).toString('base64'),
    WECHAT_APP_ID: 'wx0000000000000000',
    WECHAT_APP_SECRET: randomBytes(16).toString('hex'),
    WECHAT_PAY_MCH_ID: '1900000001',
    WECHAT_PAY_MERCHANT_SERIAL: randomBytes(20).toString('hex'),
    WECHAT_PAY_MERCHANT_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    WECHAT_PAY_API_V3_KEY: randomBytes(16).toString('hex'),
  };
}

export async function openApiDocument(): Promise<swagger.OpenAPIObject> {
  await build(root);
  const load = (file: string) => import(pathToFileURL(resolve(root, 'dist', file)).href);
  const [{ AppModule }, { configSlices }, { loadConfig }, { prefixRoutes }] = await Promise.all([
    load('app.module.js'),
    load('app.config.js'),
    load('platform/config/load-config.js'),
    load('platform/http/create-app.js'),
  ]);
  const { document } = await load('platform/http/documented.js');
  const module = AppModule.register(loadConfig(configSlices, placeholderEnv()));
  const app = await NestFactory.create(module, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  prefixRoutes(app);
  document(swagger);
  const description = new swagger.DocumentBuilder()
    .setTitle('Minnow')
    .setDescription(
      'A low-latency backend for WeChat mini-program shops. Money is integer fen; errors are RFC 9457 problems.',
    )
    .setVersion('1')
    .addBearerAuth()
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'staff')
    .setOpenAPIVersion('3.1.0')
    .build();
  const options = {
    operationIdFactory: (controller: string, method: string) => operationId(controller, method),
  };
  return complete(swagger.SwaggerModule.createDocument(app, description, options));
}

if (process.argv[1] === import.meta.filename) {
  const document = await openApiDocument();
  writeOrCompare(
    resolve(root, 'docs/openapi.json'),
    `${JSON.stringify(document, null, 2)}\n`,
    'npm run openapi',
  );
  process.exit();
}
