import { startSmall } from './platform/lifecycle/start-small.js';

await startSmall(() => import('./work.js'));
