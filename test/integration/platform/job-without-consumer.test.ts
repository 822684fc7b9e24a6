import { Module } from '@nestjs/common';
import { expect, inject, it } from 'vitest';
import { z } from 'zod';
import { configSlices } from '../../../src/app.config.ts';
import { AppModule } from '../../../src/app.module.ts';
import { loadConfig } from '../../../src/platform/config/load-config.ts';
import { createApp } from '../../../src/platform/http/create-app.ts';
import { HttpConfig } from '../../../src/platform/http/http.config.ts';
import { defineEvent } from '../../../src/platform/queue/define-event.ts';
import { defineJob } from '../../../src/platform/queue/define-job.ts';
import { QueueModule } from '../../../src/platform/queue/queue.module.ts';
import { createSurroundings } from '../../support/app.ts';

const Forgotten = defineJob('lonely.forgotten', {
  queue: 'lonely',
  on: defineEvent('lonely.done', z.object({})),
});

class LonelyModule {}
Module({ imports: [QueueModule.forFeature('lonely', [Forgotten])] })(LonelyModule);

it('does not open with a job that nobody works on', async () => {
  const ground = await createSurroundings();
  try {
    const config = loadConfig(configSlices, {
      ...ground.env,
      ...inject('stackEnv'),
      DATABASE_URL: ground.env['DATABASE_URL'],
    });
    const shop = AppModule.register(config);
    const module = { ...shop, imports: [...(shop.imports ?? []), LonelyModule] };
    await expect(createApp(module, config.get(HttpConfig))).rejects.toThrow(
      'lonely/lonely.forgotten: 0 consumers',
    );
  } finally {
    await ground.drop();
  }
});
