// What `npm start` and `npm run dev` run. JavaScript, so that the check below can speak before anything else is read.
import './require-node.js';

const { runLauncher } = await import('./launcher/launch.ts');
const args = process.argv.slice(2);
await runLauncher(new URL('..', import.meta.url), process.env, {
  watch: args.includes('--watch'),
  args: args.filter(arg => arg !== '--watch'),
});
