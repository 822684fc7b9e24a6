import { Counter, Gauge, register, type Registry } from 'prom-client';

/** A gauge of what is known anyway: asked for when somebody scrapes. */
export function gaugeWhenScraped(name: string, help: string, read: () => number, registry = register): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

/** A counter of what counts by itself, also while nobody scrapes. */
export function counterWhenScraped(
  name: string,
  help: string,
  read: () => number,
  registry: Registry = register,
): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}
