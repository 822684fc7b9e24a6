import { parseArgs } from 'node:util';
import { createSandbox } from './sandbox.ts';

/** `node tools/wechat-sandbox/main.ts --port 7070 --data-dir <dir> [--host 127.0.0.1]` */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '7070' },
    host: { type: 'string', default: '127.0.0.1' },
    'data-dir': { type: 'string' },
  },
});

const sandbox = createSandbox({
  port: Number(values.port),
  host: values.host,
  ...(values['data-dir'] ? { dataDir: values['data-dir'] } : {}),
});

const stop = () => {
  sandbox.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.once('SIGTERM', stop).once('SIGINT', stop);

try {
  await sandbox.listen();
  console.log(JSON.stringify({ url: sandbox.url, env: sandbox.env }));
} catch (error) {
  console.error(`WeChat sandbox cannot listen on ${values.host}:${values.port}: ${String(error)}`);
  process.exit(1);
}
