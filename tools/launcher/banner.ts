import { logFileOf } from './app.ts';
import type { Settings } from './settings.ts';

export function banner(settings: Settings, sandboxUrl: string | undefined): string {
  const { publicBaseUrl, managementPort, dataDir, port } = settings;
  const rows = [
    ['Shop', publicBaseUrl],
    ['API docs', `${publicBaseUrl}/api/docs`],
    ['Try it', 'npm run demo        (a shopper logs in, orders and pays)'],
    ['Health', `curl -s localhost:${port}/readyz`],
    ['Metrics', `http://127.0.0.1:${managementPort}/metrics`],
    ...(sandboxUrl ? [['WeChat', `${sandboxUrl}  (a stand-in)`]] : []),
    ['Logs', `${logFileOf(dataDir)}  (warnings and errors are shown here)`],
    ['Stop', 'Ctrl-C              (data is kept for the next start)'],
  ];
  return `\n  Minnow is ready.\n\n${rows.map(([name = '', text]) => `  ${name.padEnd(10)}${text}`).join('\n')}\n`;
}
