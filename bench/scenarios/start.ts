import type { StartScenario } from '../scenario.ts';

export const start: StartScenario = {
  kind: 'start',
  name: 'start',
  title: 'Idle memory, and ready after the stores are up',
  expectations: [
    { figure: 'rssMiB', of: 'minnow', atMost: 190 },
    { figure: 'readyMs', of: 'minnow', atMost: 1_500 },
  ],
};
