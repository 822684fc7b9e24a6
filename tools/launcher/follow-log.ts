/** Shows a log file's warnings and errors while it grows. The app writes the file itself, so we never slow it down. */
import { closeSync, existsSync, fstatSync, openSync, readSync, truncateSync } from 'node:fs';

const POLL_MS = 250;
const MAX_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** Looked for before parsing: most lines are neither. pino writes the level as a word or as a number. */
const NOTEWORTHY = /"level":(?:"(?:warn|error|fatal)"|[456]0)/;

interface LogLine {
  readonly level: string | number;
  readonly msg?: string;
  readonly err?: { readonly message?: string };
  readonly trace_id?: string;
}

/** Follows from the file's beginning, and empties it at 64 MiB. Returns how to end it, showing what is left. */
export function followLog(file: string, show: (line: string) => void): () => void {
  let offset = 0;
  const poll = (): void => {
    if (!existsSync(file)) return;
    const { lines, next } = readLines(file, offset);
    offset = next;
    lines.forEach(line => showNoteworthy(line, show));
    if (offset < MAX_BYTES) return;
    truncateSync(file);
    offset = 0;
  };
  const timer = setInterval(poll, POLL_MS).unref();
  return () => {
    clearInterval(timer);
    poll();
  };
}

/** Complete lines after `offset`, at most one chunk: a flood is skipped, not caught up with. */
function readLines(file: string, offset: number): { lines: string[]; next: number } {
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(Math.min(offset, size), size - CHUNK_BYTES);
    const buffer = Buffer.alloc(size - start);
    const filled = buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, start));
    const end = filled.lastIndexOf('\n') + 1;
    const lines = filled.subarray(0, end).toString('utf8').split('\n');
    // After a skip the first line is the end of one whose beginning was not read.
    return { lines: start > offset ? lines.slice(1) : lines, next: start + end };
  } finally {
    closeSync(fd);
  }
}

function showNoteworthy(line: string, show: (line: string) => void): void {
  if (!line) return;
  // What is not JSON is a crash or a warning of Node itself.
  if (!line.startsWith('{')) return show(line);
  if (NOTEWORTHY.test(line)) show(summary(line));
}

function summary(line: string): string {
  try {
    const { level, msg, err, trace_id: traceId } = JSON.parse(line) as LogLine;
    const cause = err?.message ? `: ${err.message}` : '';
    return `${wordOf(level)} ${msg ?? ''}${cause}${traceId ? `  trace ${traceId}` : ''}`;
  } catch {
    return line;
  }
}

function wordOf(level: string | number): string {
  const words: Record<string, string> = { 40: 'warn', 50: 'error', 60: 'fatal' };
  return words[level] ?? String(level);
}
