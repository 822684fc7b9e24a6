import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '../http/documented.js';
import { Probe } from '../http/public.decorator.js';
import { Readiness, type HealthReport } from './readiness.js';

/** What this controller needs of the HTTP reply; only platform/http knows the framework. */
interface StatusReply {
  status(code: number): unknown;
}

/** Probes for load balancers and Kubernetes; GET and HEAD, outside auth, access log, limits and traces. */
@Controller()
@ApiExcludeController()
export class HealthController {
  private hasStarted = false;

  constructor(private readonly readiness: Readiness) {}

  /** The process answers: nothing else is asked, so a dead dependency never gets the process killed. */
  @Get('livez')
  @Probe()
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Probe()
  async ready(@Res({ passthrough: true }) reply: StatusReply): Promise<HealthReport> {
    return this.check(reply);
  }

  /**
   * Nest listens only after every module has started, so started means ready for the first time. It stays so: a process
   * that is restarted because PostgreSQL is away makes the outage longer.
   */
  @Get('startupz')
  @Probe()
  async started(@Res({ passthrough: true }) reply: StatusReply): Promise<HealthReport> {
    return this.hasStarted ? { status: 'ok', details: {} } : this.check(reply);
  }

  private async check(reply: StatusReply): Promise<HealthReport> {
    const report = await this.readiness.check();
    const isReady = report.status === 'ok' || report.status === 'degraded';
    this.hasStarted ||= isReady;
    reply.status(isReady ? 200 : 503);
    return report;
  }
}
