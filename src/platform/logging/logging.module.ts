import { Module, type DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import pino from 'pino';
import { AccessLog } from './access-log.js';
import { LogMetrics, LogOutput } from './log-output.js';
import { pinoOptions, serializers, type LoggingOptions } from './pino-options.js';

/** pino-http would put its own serializer of errors, which tells everything, in front of ours. */
const plain = { autoLogging: false, serializers, wrapSerializers: false };

/**
 * Structured logs: one JSON object a line on stdout with `time`, `level`, `service`, `trace_id`, `request_id`,
 * `user_id` and `msg`; secrets, phones and openids are redacted by field name. The access line is written by
 * `AccessLog` for platform/http, so pino-http's own request logging (and its per-request middleware) stays off.
 */
@Module({})
export class LoggingModule {
  static forRoot(options: LoggingOptions): DynamicModule {
    const output = new LogOutput();
    const logger = pino(pinoOptions(options), output);
    const accessLog = new AccessLog(output, options.service, () => logger.isLevelEnabled('info'));
    return {
      module: LoggingModule,
      imports: [LoggerModule.forRoot({ pinoHttp: { logger, ...plain }, forRoutes: [] })],
      providers: [
        { provide: LogOutput, useValue: output },
        { provide: AccessLog, useValue: accessLog },
        LogMetrics,
      ],
      exports: [AccessLog],
    };
  }
}
