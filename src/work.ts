import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Logger } from 'nestjs-pino';
import { configSlices } from './app.config.js';
import { AppModule } from './app.module.js';
import { loadConfigOrExit } from './platform/config/load-config-or-exit.js';
import { HttpConfig } from './platform/http/http.config.js';
import { stopOnSignals } from './platform/lifecycle/stop-on-signals.js';

/** The same modules without the public listener: queues, periodic tasks, and metrics on the management port. */
const config = loadConfigOrExit(configSlices);

try {
  const app = await NestFactory.createApplicationContext(AppModule.register(config), {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  app.flushLogs();
  stopOnSignals(app, config.get(HttpConfig));
} catch (error) {
  console.error('The worker could not start:', error);
  process.exit(1);
}
