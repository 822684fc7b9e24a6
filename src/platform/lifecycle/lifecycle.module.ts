import { Global, Module } from '@nestjs/common';
import { Clock, SystemClock } from '../../kernel/clock.js';
import { Drain } from './drain.js';

/** What every module may need of the running process: the time, and whether it is on its way out. */
@Global()
@Module({
  providers: [Drain, { provide: Clock, useClass: SystemClock }],
  exports: [Drain, Clock],
})
export class LifecycleModule {}
