/** Minnow started anew every round: how soon it is ready, and what it holds when nobody has asked for anything yet. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Ground } from '../ground/ground.ts';
import { startServer, type Stage } from '../ground/servers.ts';
import type { Figures, Side } from '../scenario.ts';
import type { Pace } from './play-load.ts';
import { residentMiB } from './proc-stat.ts';
import type { Measured } from './verdict.ts';

const side: Side = { label: 'minnow', server: 'minnow', request: 'product-detail' };

export async function playStart(ground: Ground, pace: Pace, stage: Stage): Promise<Measured> {
  const rounds: Partial<Figures>[] = [];
  for (let round = 0; round < pace.rounds; round++) {
    stage.stop.throwIfAborted();
    const server = await startServer(ground, side, stage);
    try {
      await delay(pace.seconds * 1_000);
      rounds.push({ readyMs: server.readyMs, rssMiB: residentMiB(server.pid) });
    } finally {
      await server.stop();
    }
  }
  return { sides: [{ label: side.label, rounds }], absent: {} };
}
