/** Bursts on pools that are made anew for each of them: what those who ask wait, and what is opened for them. */
import { startTcpProxy, type TcpProxy } from '../../test/support/tcp-proxy.ts';
import type { Ground } from '../ground/ground.ts';
import { openPool } from '../ground/pools.ts';
import type { Stage } from '../ground/servers.ts';
import { products, type Figures, type PoolSide, type SpikeScenario } from '../scenario.ts';
import type { Pace } from './play-load.ts';
import { alternating, percentile } from './statistics.ts';
import type { Measured } from './verdict.ts';

const connectMs = 150;
const requests = 50;
const statement = 'select pg_sleep(0.002)';

interface Burst {
  readonly latencies: readonly number[];
  readonly opened: number;
}

export async function playSpike(
  ground: Ground,
  { sides }: SpikeScenario,
  pace: Pace,
  stage: Stage,
): Promise<Measured> {
  const url = await ground.databases.withProducts(products.usual);
  const proxy = await startTcpProxy(new URL(url), { connectMs });
  const viaProxy = new URL(url);
  viaProxy.port = `${proxy.port}`;
  const players = sides.map(side => ({ side, rounds: [] as Partial<Figures>[] }));
  try {
    for (let round = 0; round < pace.rounds; round++) {
      for (const { side, rounds } of alternating(players, round)) {
        stage.stop.throwIfAborted();
        rounds.push(await playRound(side, viaProxy.href, proxy, pace.seconds * 1_000));
      }
    }
  } finally {
    await proxy.close();
  }
  return { sides: players.map(({ side, rounds }) => ({ label: side.label, rounds })), absent: {} };
}

async function playRound(
  side: PoolSide,
  url: string,
  proxy: TcpProxy,
  durationMs: number,
): Promise<Partial<Figures>> {
  const bursts: Burst[] = [];
  const endsAt = performance.now() + durationMs;
  do {
    bursts.push(await burstOn(side, url, proxy));
  } while (performance.now() < endsAt);
  const latencies = bursts.flatMap(burst => burst.latencies);
  return {
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    connectionsOpened: bursts.reduce((sum, { opened }) => sum + opened, 0) / bursts.length,
  };
}

async function burstOn(side: PoolSide, url: string, proxy: TcpProxy): Promise<Burst> {
  const open = await openPool(side, url);
  const before = proxy.accepted();
  const ask = async (): Promise<number> => {
    const askedAt = performance.now();
    const client = await open.pool.connect();
    await client.query(statement).finally(() => client.release());
    return performance.now() - askedAt;
  };
  try {
    const latencies = await Promise.all(Array.from({ length: requests }, ask));
    return { latencies, opened: proxy.accepted() - before };
  } finally {
    await open.end();
  }
}
