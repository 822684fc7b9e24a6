import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { configSlice } from '../config/config-slice.js';
import { duration, int } from '../config/fields.js';

const mostProcesses = 64;

/** `auto` knows the cores that this process may use, of a container's quota as well. */
function processes() {
  const error = `must be auto or a number from 1 to ${mostProcesses}`;
  const auto = z.literal('auto').transform(() => Math.min(mostProcesses, availableParallelism()));
  const number = int(1, mostProcesses, error);
  return z.union([auto, number], { error });
}

/** The processes that serve the public port together. */
export class WebConfig extends configSlice('web', {
  concurrency: processes()
    .default(1)
    .describe('processes that serve the public port together, or auto: one for each core'),
  restartDelayMax: duration({ min: '100ms' })
    .prefault('30s')
    .describe('one that has died comes back after 100 ms, after twice as long each time, up to this'),
  silenceMax: duration({ min: '1s' })
    .prefault('30s')
    .describe('one whose event loop has not turned for so long is killed and replaced'),
  metricsTimeout: duration({ min: '10ms' })
    .prefault('1s')
    .describe('one that has not told its metrics by then is shown with those it told last'),
}) {}
