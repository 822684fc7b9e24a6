/** A burst: every round all clients ask at once for one thing that nobody has asked for before. */
import { between, countsOf, untilComplete } from '../ground/crew.ts';
import type { Ground } from '../ground/ground.ts';
import { startServer, type Server, type Stage } from '../ground/servers.ts';
import { findTargetGoods, openTarget } from '../ground/target.ts';
import { drive } from '../load/drive.ts';
import { requestKinds, type Target } from '../load/requests.ts';
import type { BurstScenario, Figures, Side } from '../scenario.ts';
import { cast, type Pace } from './play-load.ts';
import { alternating } from './statistics.ts';
import type { Measured } from './verdict.ts';

interface Player {
  readonly side: Side;
  readonly server: Server;
  readonly target: Target;
  readonly rounds: Partial<Figures>[];
}

export async function playBurst(
  ground: Ground,
  scenario: BurstScenario,
  { rounds }: Pace,
  stage: Stage,
): Promise<Measured> {
  const { present, absent } = cast(scenario, ground.variables);
  const players: Player[] = [];
  let asked = 0;
  try {
    for (const side of present) players.push(await enter(ground, side, stage));
    for (let round = 0; round < rounds; round++) {
      for (const player of alternating(players, round)) {
        stage.stop.throwIfAborted();
        // Another one each time, also for another side: all share one Redis.
        player.rounds.push(await playRound(ground, player, scenario.connections, asked++));
      }
    }
  } finally {
    await Promise.all(players.map(({ server }) => server.stop()));
  }
  return { sides: players.map(({ side, rounds }) => ({ label: side.label, rounds })), absent };
}

async function enter(ground: Ground, side: Side, stage: Stage): Promise<Player> {
  const server = await startServer(ground, side, stage);
  try {
    await untilComplete(server, side);
    const goods = await findTargetGoods(ground, side);
    return { side, server, target: await openTarget(ground, side, server, goods, undefined), rounds: [] };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function playRound(
  ground: Ground,
  { side, server, target }: Player,
  connections: number,
  asked: number,
): Promise<Partial<Figures>> {
  const kind = requestKinds[side.request];
  const { order, expectedStatus } = kind;
  const productIds = [target.productIds[asked]!];
  const requests = await kind.make({ ...target, productIds }, connections);
  const before = await countsOf(server);
  const job = { url: target.url, serverPid: server.pid, connections, requests, order, expectedStatus };
  const timeless = { warmUpMs: 0, durationMs: 0, transport: 'per-request' } as const;
  const { p50Ms, p99Ms } = await drive(ground, { ...job, ...timeless }, 'burst');
  const { databaseLoads, requests: answered } = between(before, await countsOf(server));
  // One that was asked for nothing could not have read anything either.
  if (answered.some(count => count === 0)) throw new Error(`processes of ${side.label} were left out`);
  return { databaseLoads, p50Ms, p99Ms };
}
