import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { FactoryProvider } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { JobRegistry } from '../../src/platform/queue/job-registry.ts';
import type { AnyJob } from '../../src/platform/queue/define-job.ts';
import { appGraph, classOf } from './app-graph.ts';
import { root } from './commands.ts';

interface Named {
  readonly name: string;
}

const { providers } = appGraph();
const registry = declaredJobs();
const events = await exportsOf<Named>('events');
const jobs = await exportsOf<AnyJob>('jobs');

function declaredJobs(): JobRegistry {
  const isRegistry = (it: unknown): it is FactoryProvider<JobRegistry> =>
    (it as FactoryProvider).provide === JobRegistry;
  return providers.find(isRegistry)!.useFactory() as JobRegistry;
}

/** Every definition that the files of one role export: things with a name and a schema. */
async function exportsOf<T>(role: string): Promise<readonly T[]> {
  const paths = globSync(`src/modules/**/*.${role}.ts`, { cwd: root });
  const modules = (await Promise.all(paths.map(path => import(join(root, path))))) as readonly object[];
  return modules.flatMap(
    it => Object.values(it).filter(value => typeof value === 'object' && 'schema' in value) as T[],
  );
}

/** `queue/job` for every method that @nestjs/bull will call. */
function consumed(): readonly string[] {
  return providers.flatMap(provider => {
    const consumer = classOf(provider);
    const queue = consumer && (Reflect.getMetadata('bull:module_queue', consumer) as Named | undefined);
    return queue
      ? handlersOf(consumer.prototype as Record<string, object>).map(job => `${queue.name}/${job}`)
      : [];
  });
}

function handlersOf(prototype: Record<string, object>): readonly string[] {
  return Object.getOwnPropertyNames(prototype).flatMap(member => {
    const meta = Reflect.getMetadata('bull:module_queue_process', prototype[member]!) as Named | undefined;
    return meta ? [meta.name] : [];
  });
}

const sorted = (named: readonly Named[]): readonly string[] => named.map(({ name }) => name).sort();

/** `wechat.push-received` has happened, `order.apply-payment` is to be done; the last and the first word tell. */
const hasHappened = (name: string): boolean =>
  /\.([a-z]+-)*([a-z]+ed|paid|sent|sold|begun|taken|given|lost|made)$/.test(name);
const isToBeDone = (name: string): boolean =>
  !hasHappened(name) && /^[a-z-]+\.(?!\w+(ed|ing|ion|ment)\b)[a-z]+(-[a-z]+)*$/.test(name);

describe('jobs', () => {
  it('are declared in a module, or nothing would ever add them', () => {
    expect(jobs.length).toBeGreaterThan(0);
    expect(sorted(registry.jobs)).toEqual(sorted(jobs));
  });

  it('are named by what is to be done', () => {
    expect(sorted(jobs).filter(name => !isToBeDone(name))).toEqual([]);
    const bad = ['order.expired', 'order.expiry-sent', 'order.expiring', 'payment.application', 'expire'];
    expect(bad.filter(isToBeDone)).toEqual([]);
  });

  it('have exactly one consumer each', () => {
    expect(registry.problems(consumed())).toEqual([]);
  });

  it('without a consumer, with two, or consumed without being declared are told apart', () => {
    const key = ({ queue, name }: AnyJob): string => `${queue}/${name}`;
    const all = registry.jobs.map(key);
    expect(registry.problems(all.slice(1))).toEqual([`${all[0]}: 0 consumers`]);
    expect(registry.problems([...all, all[0]!])).toEqual([`${all[0]}: 2 consumers`]);
    expect(registry.problems([...all, 'order/unknown'])).toHaveLength(1);
  });
});

describe('events', () => {
  it('that start a job are declared where other modules look for them', () => {
    const known = new Set(sorted(events));
    expect(registry.jobs.filter(({ on }) => on && !known.has(on.name))).toEqual([]);
  });

  it('are named by what has happened', () => {
    expect(sorted(events).filter(name => !hasHappened(name))).toEqual([]);
    expect(['order.place', 'order.placing', 'payment.capture-payment', 'placed'].filter(hasHappened)).toEqual(
      [],
    );
  });

  it('have names of their own', () => {
    expect(new Set(sorted([...events, ...jobs])).size).toBe(events.length + jobs.length);
  });
});
