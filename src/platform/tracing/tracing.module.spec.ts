import { Logger } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SpanExport } from './span-export.js';
import { TraceExport } from './tracing.module.js';

describe('the last spans', () => {
  afterEach(() => vi.restoreAllMocks());

  it('do not hold up the end when the collector takes nothing', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    vi.spyOn(SpanExport.prototype, 'close').mockResolvedValue(false);
    const config = { endpoint: 'http://127.0.0.1:1', headers: undefined, serviceName: 'x', sampleRatio: 1 };
    const dropped = new Counter({ name: 'dropped', help: 'x', registers: [new Registry()] });
    const spans = new TraceExport(config, dropped);
    spans.onModuleInit();
    await spans.onApplicationShutdown();
    expect(warn).toHaveBeenCalledWith('the last spans were lost');
  });
});
