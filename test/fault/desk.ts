/** What the merchant works with: the shop's own contracts, in a process that serves nothing and consumes no job. */
import 'reflect-metadata';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type * as Config from '../../src/app.config.ts';
import type * as App from '../../src/app.module.ts';
import type * as Contract from '../../src/modules/order/order.contract.ts';
import type * as Loading from '../../src/platform/config/load-config.ts';

export interface Desk {
  approve(requestId: string, options: { readonly restock: boolean }): Promise<unknown>;
  refuse(requestId: string, reason: string): Promise<unknown>;
  ship(orderId: string): Promise<unknown>;
  close(): Promise<void>;
}

/** `dist` must be built; `env` is the shop's. */
export async function openDesk(root: string, env: Readonly<Record<string, string>>): Promise<Desk> {
  const built = async <T>(file: string): Promise<T> =>
    (await import(/* @vite-ignore */ pathToFileURL(resolve(root, 'dist', file)).href)) as T;
  const { configSlices } = await built<typeof Config>('app.config.js');
  const { AppModule } = await built<typeof App>('app.module.js');
  const { loadConfig } = await built<typeof Loading>('platform/config/load-config.js');
  const contract = await built<typeof Contract>('modules/order/order.contract.js');
  const config = loadConfig(configSlices, { ...env, QUEUE_CONSUME: 'false', LOG_LEVEL: 'fatal' });
  const app = await NestFactory.createApplicationContext(AppModule.register(config), { logger: false });
  return deskOf(app, contract);
}

function deskOf(app: INestApplicationContext, { AfterSales, OrderDesk }: typeof Contract): Desk {
  const afterSales = app.get(AfterSales, { strict: false });
  const orders = app.get(OrderDesk, { strict: false });
  return {
    approve: (requestId, options) => afterSales.approve(requestId, options),
    refuse: (requestId, reason) => afterSales.refuse(requestId, reason),
    ship: orderId => orders.ship(orderId, { carrier: 'SF', trackingNumber: `SF${orderId}` }),
    close: () => app.close(),
  };
}
