import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Ground } from '../ground/ground.ts';
import type { Stage } from '../ground/servers.ts';
import { startOtlpSink } from '../peers/otlp-sink.ts';
import { describeMachine, type ScenarioResult } from '../report/results.ts';
import type { Scenario } from '../scenario.ts';
import { playBurst } from './play-burst.ts';
import { playLoad, type Pace } from './play-load.ts';
import { playSpike } from './play-spike.ts';
import { playStart } from './play-start.ts';
import { judge, type Measured } from './verdict.ts';

/** One scenario after another. One that fails is reported and missing from the results; the others go on. */
export async function playAll(
  ground: Ground,
  scenarios: readonly Scenario[],
  pace: Pace,
  stop: AbortSignal,
): Promise<ScenarioResult[]> {
  const machine = describeMachine();
  const sink = await startOtlpSink();
  const stage = prepareStage(ground, sink.url, stop);
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) {
    if (stop.aborted) break;
    console.log(scenario.title);
    try {
      const measured = await play(ground, scenario, pace, stage);
      const { name, title, note, without } = scenario;
      const verdicts = judge(scenario, measured);
      results.push({
        name,
        title,
        note,
        without,
        measuredAt: new Date().toISOString(),
        machine,
        pace,
        measured,
        verdicts,
      });
    } catch (error) {
      if (!stop.aborted) console.error(error);
    }
  }
  sink.close();
  return results;
}

function play(ground: Ground, scenario: Scenario, pace: Pace, stage: Stage): Promise<Measured> {
  switch (scenario.kind) {
    case 'load':
      return playLoad(ground, scenario, pace, stage);
    case 'burst':
      return playBurst(ground, scenario, pace, stage);
    case 'start':
      return playStart(ground, pace, stage);
    case 'spike':
      return playSpike(ground, scenario, pace, stage);
  }
}

function prepareStage({ directory }: Ground, otlpUrl: string, stop: AbortSignal): Stage {
  const secret = (): string => randomBytes(48).toString('base64');
  return {
    otlpUrl,
    stop,
    answersFile: join(directory, 'answers.json'),
    secrets: { AUTH_JWT_SECRET: secret(), AUTH_DATA_KEY: secret() },
  };
}
