import type { Job, LoadRequest } from './job.ts';

/** Who sends a round: requests until the time is over, or until there are none left, and tells of each what came. */
export interface Sending {
  readonly job: Job;
  readonly requests: readonly LoadRequest[];
  readonly durationMs: number;
  readonly answered: (status: number, ms: number) => void;
  readonly fail: (what: string) => void;
}

/** What all connections share: the next one, in turn. @throws Error when `once` has no more */
export function inTurn({ job, requests }: Sending): () => LoadRequest {
  let next = 0;
  return () => {
    const taken = requests[job.order === 'once' ? next : next % requests.length];
    if (!taken) throw new Error('the load has asked for more requests than there are');
    next++;
    return taken;
  };
}
