import type { AnyJob } from './define-job.js';

/** Every job of the modules that were loaded. */
export class JobRegistry {
  constructor(readonly jobs: readonly AnyJob[]) {}

  startedBy(event: { readonly name: string }): readonly AnyJob[] {
    return this.jobs.filter(job => job.on?.name === event.name);
  }

  find(name: string): AnyJob | undefined {
    return this.jobs.find(job => job.name === name);
  }

  /** One line for every job that has no consumer or more than one, and for every consumer without a job. */
  problems(consumed: readonly string[]): readonly string[] {
    const counts = new Map(this.jobs.map(({ queue, name }) => [`${queue}/${name}`, 0]));
    const strays: string[] = [];
    for (const key of consumed) {
      const count = counts.get(key);
      if (count === undefined) strays.push(`${key}: consumed, but no such job is declared`);
      else counts.set(key, count + 1);
    }
    const wrong = [...counts]
      .filter(([, count]) => count !== 1)
      .map(([key, count]) => `${key}: ${count} consumers`);
    return [...strays, ...wrong];
  }
}
