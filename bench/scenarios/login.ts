import type { LoadScenario } from '../scenario.ts';

const request = 'login';

export const login: LoadScenario = {
  kind: 'load',
  name: 'login',
  title: 'Login, WeChat’s stand-in behind it',
  connections: 64,
  sides: [
    { label: 'minnow', server: 'minnow', request },
    { label: 'usual Nest', server: 'usual-nest', request },
  ],
  expectations: [{ figure: 'requestsPerSecond', of: 'minnow', against: 'usual Nest', atLeast: 2 }],
};
