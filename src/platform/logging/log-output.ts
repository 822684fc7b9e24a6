import cluster from 'node:cluster';
import { Injectable } from '@nestjs/common';
import pino from 'pino';
import { TextBuffer } from '../../kernel/text-buffer.js';
import { counterWhenScraped } from '../metrics/when-scraped.js';

/** Some ten thousand lines. */
const maxBacklogBytes = 16 * 1_048_576;

/** Linux writes so much to a pipe in one piece: no line of several processes that share stdout is torn. */
const sharedPieceBytes = 4_096;
/** As much as a pipe holds: each write takes a thread. */
const ownPieceBytes = 262_144;

/** How long a line may wait for others to be written with. */
const patienceMs = 100;

const lineEnd = 0x0a;

/** What a destination is that takes bytes; its types know of text only. */
interface BytesSink {
  write(line: Buffer): boolean;
}

/**
 * Stdout, written to without waiting for it. Whoever reads it may be slow for a while; one that hangs costs lines,
 * which are counted, instead of memory without end. What waits is written when the process ends, however it does,
 * unless it is killed.
 */
export class LogOutput {
  droppedLines = 0;
  private readonly stream: ReturnType<typeof pino.destination> & BytesSink;
  private readonly gathered: TextBuffer;

  constructor({ fd = 1, isShared = cluster.isWorker } = {}) {
    const pieceBytes = isShared ? sharedPieceBytes : ownPieceBytes;
    this.gathered = new TextBuffer(pieceBytes);
    this.stream = pino.destination({
      fd,
      sync: false,
      // The other mode measures all that waits again with every line.
      contentMode: 'buffer',
      minLength: pieceBytes - 1,
      maxWrite: pieceBytes,
      periodicFlush: patienceMs,
      maxLength: maxBacklogBytes,
    }) as typeof this.stream;
    this.stream.on('drop', (piece: Buffer) => (this.droppedLines += linesIn(piece)));
    this.flushGathered();
  }

  /** At once or after what is being written just now, and what waits before it. */
  write(line: string): void {
    this.writeSoon(line);
    this.stream.flush();
  }

  /** For the many lines that nobody waits for: a write of each would cost a fifth of a request that the cache answers. */
  writeSoon(line: string): void {
    if (this.gathered.add(line)) return;
    this.stream.flush();
    if (!this.gathered.add(line)) this.stream.write(Buffer.from(line));
  }

  flushSync(): void {
    this.stream.flushSync();
  }

  /** Also when the stream flushes by itself: by the clock, and when the process ends. */
  private flushGathered(): void {
    const { stream } = this;
    const [flush, flushSync] = [stream.flush.bind(stream), stream.flushSync.bind(stream)];
    stream.flush = callback => {
      this.handOver();
      flush(callback);
    };
    stream.flushSync = () => {
      // There is room for it when the rest has been written.
      flushSync();
      this.handOver();
      flushSync();
    };
  }

  private handOver(): void {
    if (this.gathered.count > 0) this.stream.write(this.gathered.take());
  }
}

function linesIn(piece: Buffer): number {
  return piece.reduce((lines, byte) => (byte === lineEnd ? lines + 1 : lines), 0);
}

/** What an operator sees of it, where no line can tell. */
@Injectable()
export class LogMetrics {
  constructor(output: LogOutput) {
    counterWhenScraped(
      'log_lines_dropped_total',
      'Log lines lost because stdout was not read fast enough',
      () => output.droppedLines,
    );
  }
}
