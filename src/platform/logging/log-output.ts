import { Injectable } from '@nestjs/common';
import pino from 'pino';
import { Counter } from 'prom-client';
import { isMember } from '../processes/membership.js';

/** Some ten thousand lines. */
const maxBacklogBytes = 16 * 1_048_576;

/** PIPE_BUF: what a pipe takes whole from one of many writers. More is torn apart when its reader is slow. */
const maxSharedWriteBytes = 4_096;

/**
 * Stdout, written to without waiting for it. Whoever reads it may be slow for a while; one that hangs costs lines,
 * which are counted, instead of memory without end. Where several processes write to it, each of their lines stays whole
 * up to 4,096 bytes.
 */
export class LogOutput {
  droppedLines = 0;
  readonly stream: ReturnType<typeof pino.destination>;

  constructor(fd = 1, isShared = isMember) {
    const options = { fd, sync: false, minLength: 0, maxLength: maxBacklogBytes };
    this.stream = pino.destination(isShared ? { ...options, maxWrite: maxSharedWriteBytes } : options);
    this.stream.on('drop', () => this.droppedLines++);
  }
}

/** What an operator sees of it, where no line can tell. */
@Injectable()
export class LogMetrics {
  constructor(output: LogOutput) {
    new Counter({
      name: 'log_lines_dropped_total',
      help: 'Log lines lost because stdout was not read fast enough',
      collect() {
        this.reset();
        this.inc(output.droppedLines);
      },
    });
  }
}
