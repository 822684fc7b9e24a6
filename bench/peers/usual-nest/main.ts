/**
 * "The usual Nest": what tutorials and most shops have. class-validator, ClassSerializerInterceptor, an interceptor
 * that logs with winston, TypeORM entities with relations and `save()`, no cache. On Minnow's own tables, and on
 * Fastify and fast-jwt too, which is faster than the usual Express and jsonwebtoken: the difference is the style.
 */
import 'reflect-metadata';
import { ClassSerializerInterceptor, ValidationPipe } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { LoggingInterceptor } from './logging.interceptor.js';

const adapter = new FastifyAdapter({ keepAliveTimeout: 75_000 });
const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter, {
  logger: ['error', 'warn'],
});
app.setGlobalPrefix('api/v1', { exclude: ['readyz'] });
app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
app.useGlobalInterceptors(new LoggingInterceptor(), new ClassSerializerInterceptor(app.get(Reflector)));
await app.listen(Number(process.env['PORT']), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
