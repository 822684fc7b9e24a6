import type { SpikeScenario } from '../scenario.ts';

export const poolSpike: SpikeScenario = {
  kind: 'spike',
  name: 'pool-spike',
  title: 'A burst of 50 statements where connecting takes 150 ms',
  sides: [
    { label: 'minnow', pool: 'minnow' },
    { label: 'pg-pool', pool: 'pg-pool' },
    { label: 'minnow, 5 kept', pool: 'minnow', env: { DATABASE_POOL_MIN: '5' } },
  ],
  note:
    'Minnow has its 10 connections open, as by default; pg-pool has 5 of its 50, as after a quiet time, and with 5 kept ' +
    'Minnow has 5 of its 10. Who finds none idle waits for the one that pg-pool opens for him, though another is free ' +
    'sooner: a pool that has them all open leaves nobody to wait so long.',
  expectations: [
    { figure: 'p99Ms', of: 'minnow', against: 'pg-pool', atMost: 0.25 },
    { figure: 'connectionsOpened', of: 'minnow', against: 'pg-pool', atMost: 0.1 },
  ],
};
