import 'reflect-metadata';
import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { AppModule } from '../../src/app.module.ts';

type AnyModule = Type | DynamicModule;
type Part = 'imports' | 'controllers' | 'providers';

/** What AppModule is made of, read from Nest's metadata: nothing is started or configured. */
export interface AppGraph {
  readonly controllers: readonly Type[];
  readonly providers: readonly Provider[];
}

export function appGraph(top: AnyModule = AppModule): AppGraph {
  const seen = new Set<AnyModule>();
  const waiting: AnyModule[] = [top];
  for (let module = waiting.pop(); module; module = waiting.pop()) {
    if (seen.has(module)) continue;
    seen.add(module);
    waiting.push(...partsOf<AnyModule>(module, 'imports'));
    if ('module' in module) waiting.push(module.module);
  }
  const all = <T>(part: Part): T[] => [...new Set([...seen].flatMap(module => partsOf<T>(module, part)))];
  return { controllers: all<Type>('controllers'), providers: all<Provider>('providers') };
}

function partsOf<T>(module: AnyModule, part: Part): readonly T[] {
  const parts: unknown = 'module' in module ? module[part] : Reflect.getMetadata(part, module);
  return (parts as readonly T[] | undefined) ?? [];
}

/** The class of a provider that is one. */
export function classOf(provider: Provider): Type | null {
  if (typeof provider === 'function') return provider;
  return 'useClass' in provider ? provider.useClass : null;
}
