import { logFileOf } from './app.ts';
import type { Settings } from './settings.ts';

export function banner(settings: Settings, sandboxUrl: string | undefined, watching: boolean): string {
  const { publicBaseUrl, managementPort, dataDir, port } = settings;
  const demo = `${portsOf(settings)}npm run demo`.padEnd(19);
  const rows = [
    ['Shop', publicBaseUrl],
    ['API docs', `${publicBaseUrl}/api/docs`],
    ...(sandboxUrl ? [['Try it', `${demo} (a shopper logs in, orders and pays)`]] : []),
    ['Health', `curl -s localhost:${port}/readyz`],
    ['Metrics', `http://127.0.0.1:${managementPort}/metrics`],
    ...(sandboxUrl ? [['WeChat', `${sandboxUrl}  (a stand-in)`]] : []),
    ...(watching ? [['Watching', 'src/ and config/    (a change rebuilds and restarts the shop)']] : []),
    ['Logs', `${logFileOf(dataDir)}  (warnings and errors are shown here)`],
    ['Stop', 'Ctrl-C              (data is kept for the next start)'],
  ];
  return `\n  Minnow is ready.\n\n${rows.map(([name = '', text]) => `  ${name.padEnd(10)}${text}`).join('\n')}\n`;
}

/** The demo looks at the same variables, in a terminal where they may not be set. */
function portsOf({ port, sandboxPort }: Settings): string {
  const shop = port === 3000 ? '' : `PORT=${port} `;
  return sandboxPort === 7070 ? shop : `${shop}SANDBOX_PORT=${sandboxPort} `;
}
