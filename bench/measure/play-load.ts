/** A load scenario from its first server to its last round. */
import { writeFileSync } from 'node:fs';
import { between, countsOf, crewSize, imbalanceOf, untilComplete } from '../ground/crew.ts';
import type { Ground } from '../ground/ground.ts';
import { http2Port, startServer, type Server, type Stage } from '../ground/servers.ts';
import { findTargetGoods, openTarget } from '../ground/target.ts';
import { drive } from '../load/drive.ts';
import { spareRequests, type Job, type LoadRequest } from '../load/job.ts';
import { requestKinds, type RequestKind, type Target } from '../load/requests.ts';
import { ask, requireSameAnswer } from '../load/same-answer.ts';
import type { ReadyAnswer } from '../peers/ready-answer.ts';
import {
  products,
  type BurstScenario,
  type Figures,
  type LoadScenario,
  type ServerName,
  type Side,
} from '../scenario.ts';
import type { Measured } from './verdict.ts';
import { alternating } from './statistics.ts';

export interface Pace {
  readonly rounds: number;
  readonly seconds: number;
}

interface Player {
  readonly side: Side;
  readonly server: Server;
  readonly target: Target;
  readonly kind: RequestKind;
  readonly rounds: Partial<Figures>[];
}

/** The share of a round's time that is spent before it counts: code gets compiled, connections and statements made. */
const warmUpShare = 0.5;

export async function playLoad(
  ground: Ground,
  scenario: LoadScenario,
  pace: Pace,
  stage: Stage,
): Promise<Measured> {
  const { present, absent } = cast(scenario, ground.variables);
  const players: Player[] = [];
  try {
    for (const side of present) players.push(await enter(ground, side, stage, players[0]));
    if (scenario.sameAnswer !== false) await requireSameAnswers(players);
    for (let round = 0; round < pace.rounds; round++) {
      for (const player of alternating(players, round)) {
        stage.stop.throwIfAborted();
        player.rounds.push(await playRound(ground, player, scenario.connections, pace.seconds * 1_000));
      }
    }
  } finally {
    await Promise.all(players.map(({ server }) => server.stop()));
  }
  return { sides: players.map(({ side, rounds }) => ({ label: side.label, rounds })), absent };
}

/** Who can play, and why the others cannot. Without Minnow there is nothing to measure. */
export function cast(
  { kind, sides, pending }: LoadScenario | BurstScenario,
  variables: ReadonlySet<string>,
): { present: readonly Side[]; absent: Record<string, string> } {
  const reasons = sides.map(side => [side, pending ?? reasonOfAbsence(side, variables)] as const);
  const absent = Object.fromEntries(
    reasons.flatMap(([{ label }, reason]) => (reason === undefined ? [] : [[label, reason]])),
  );
  const present = reasons.flatMap(([side, reason]) => (reason === undefined ? [side] : []));
  // A burst is measured by itself, a load by what somebody else does with it.
  const enough = kind === 'burst' ? 1 : 2;
  const compares = present.some(({ server }) => server === 'minnow') && present.length >= enough;
  return compares ? { present, absent } : { present: [], absent };
}

function reasonOfAbsence(
  { needs = [], transport }: Side,
  variables: ReadonlySet<string>,
): string | undefined {
  const needed = transport === 'http2' ? [...needs, http2Port] : needs;
  const unknown = needed.filter(name => !variables.has(name));
  return unknown.length > 0 ? `the shop does not know ${unknown.join(', ')} yet` : undefined;
}

/** The first one's answers are what these have in memory. */
const repeaters: readonly ServerName[] = ['node-http', 'fastify-in-memory'];

async function enter(ground: Ground, side: Side, stage: Stage, model: Player | undefined): Promise<Player> {
  const kind = requestKinds[side.request];
  if (repeaters.includes(side.server) && model) await writeAnswers(stage.answersFile, model);
  const server = await startServer(ground, side, stage);
  try {
    await untilComplete(server, side);
    const goods = await findTargetGoods(ground, side);
    const target = await openTarget(ground, side, server, goods, model?.target);
    return { side, server, target, kind, rounds: [] };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function writeAnswers(file: string, { kind, target }: Player): Promise<void> {
  const requests = await kind.make(target, 0);
  const answers = new Map<string, ReadyAnswer>();
  for (const { path, headers } of requests) {
    if (!answers.has(path)) answers.set(path, await readAnswer(target.url, path, headers));
  }
  writeFileSync(file, JSON.stringify([...answers.values()]));
}

const repeatedHeaders = ['content-type', 'cache-control', 'etag'];

async function readAnswer(url: string, path: string, headers: LoadRequest['headers']): Promise<ReadyAnswer> {
  const answer = await fetch(url + path, { headers: { ...headers, 'accept-encoding': 'identity' } });
  const kept = repeatedHeaders.map(name => [name, answer.headers.get(name) ?? ''] as const);
  return {
    path,
    headers: Object.fromEntries(kept.filter(([, value]) => value !== '')),
    body: await answer.text(),
  };
}

async function requireSameAnswers(players: readonly Player[]): Promise<void> {
  const answers = [];
  for (const { kind, target } of players) {
    const [request] = await kind.make(target, 1);
    answers.push(await ask(target.url, request!));
  }
  for (const [index, answer] of answers.entries()) {
    const { side, kind } = players[index]!;
    requireSameAnswer(side.label, answer, answers[0]!, kind);
  }
}

async function playRound(
  ground: Ground,
  { side, server, target, kind }: Player,
  connections: number,
  durationMs: number,
): Promise<Partial<Figures>> {
  const warmUpMs = durationMs * warmUpShare;
  const most = ((kind.perSecond ?? 0) * (durationMs + warmUpMs)) / 1_000;
  const job: Job = {
    url: side.transport === 'http2' ? server.http2Url : server.url,
    serverPid: server.pid,
    connections,
    warmUpMs,
    durationMs,
    transport: side.transport ?? 'keep-alive',
    requests: await kind.make(target, Math.ceil(most) + spareRequests(connections) * 4),
    order: kind.order,
    expectedStatus: kind.expectedStatus,
  };
  await ground.databases.analyze(side.products ?? products.usual);
  const before = crewSize(side) > 1 ? await countsOf(server) : undefined;
  const result = await drive(ground, job);
  return {
    requestsPerSecond: (result.requests * 1_000) / result.elapsedMs,
    cpuUsPerRequest: (result.serverCpuMs * 1_000) / result.requests,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    ...(before && { imbalance: imbalanceOf(between(before, await countsOf(server))) }),
  };
}
