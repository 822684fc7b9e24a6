import { Module, type DynamicModule } from '@nestjs/common';
import type { LoadedConfig } from './load-config.js';

/**
 * Configuration, validated before Nest exists. Each slice is injected by its class: `constructor(config: OrderConfig)`.
 * No other folder reads `process.env`.
 */
@Module({})
export class ConfigModule {
  static forRoot(config: LoadedConfig): DynamicModule {
    const providers = [...config.entries()].map(([slice, values]) => ({ provide: slice, useValue: values }));
    return { module: ConfigModule, global: true, providers, exports: providers };
  }
}
