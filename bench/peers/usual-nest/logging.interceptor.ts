import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { tap, type Observable } from 'rxjs';
import { createLogger, format, transports } from 'winston';

interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly ip: string;
}

const logger = createLogger({
  level: 'info',
  format: format.combine(format.timestamp(), format.json()),
  transports: [new transports.Console()],
});

@Injectable()
export class LoggingInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const startedAt = Date.now();
    const http = context.switchToHttp();
    const { method, url, ip } = http.getRequest<SeenRequest>();
    return next.handle().pipe(
      tap(() => {
        const { statusCode } = http.getResponse<{ statusCode: number }>();
        logger.info('request', { method, url, ip, statusCode, ms: Date.now() - startedAt });
      }),
    );
  }
}
