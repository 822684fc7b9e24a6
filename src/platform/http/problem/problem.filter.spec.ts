import { Logger, type ArgumentsHost } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProblemFilter } from './problem.filter.js';

const reset = (): Error => Object.assign(new Error('aborted'), { code: 'ECONNRESET' });

/** The status and code that `thrown` is answered with, on a request whose own stream failed with `errored`. */
function answerTo(thrown: unknown, errored: Error | null): readonly unknown[] {
  const sent: unknown[] = [];
  const reply = {
    raw: {},
    header: () => reply,
    type: () => reply,
    status: (status: number) => (sent.push(status), reply),
    send: (body: string) => sent.push((JSON.parse(body) as { code: string }).code),
  };
  const request = { raw: { errored }, headers: {}, context: { traceId: 't', requestId: 'r' } };
  const http = { getRequest: () => request, getResponse: () => reply };
  new ProblemFilter().catch(thrown, { switchToHttp: () => http } as unknown as ArgumentsHost);
  return sent;
}

describe('ProblemFilter', () => {
  beforeEach(() => {
    for (const level of ['debug', 'warn'] as const)
      vi.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
  });
  afterEach(() => vi.restoreAllMocks());

  it('does not take a client that goes away for an outage of PostgreSQL', () => {
    const aborted = reset();
    expect(answerTo(aborted, aborted)).toEqual([400, 'request.invalid']);
    expect(Logger.prototype.warn).not.toHaveBeenCalled();
  });

  it('tells an outage of PostgreSQL', () => {
    expect(answerTo(reset(), null)).toEqual([503, 'database.unavailable']);
    expect(Logger.prototype.warn).toHaveBeenCalledOnce();
  });
});
